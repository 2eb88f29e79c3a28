package database

import (
	"fmt"

	"gorm.io/gorm"
)

// Select runs a query with $1, $2... and reads its rows into T: a row struct
// (columns by GORM's names or tags) or one scalar. Slices are arrays, so
// "= ANY($1)" takes one. No row is an empty slice.
func Select[T any](tx *Tx, sql string, args ...any) ([]T, error) {
	out := []T{}
	// Raw itself would take "@>" for a named argument and lose the others;
	// an expression is passed through as it is, if it has no "?".
	if err := tx.gorm.Raw("?", gorm.Expr(sql, args...)).Scan(&out).Error; err != nil {
		return nil, fmt.Errorf("select: %w", err)
	}
	return out, nil
}

// Exec runs a statement with $1, $2... and tells how many rows it touched.
func Exec(tx *Tx, sql string, args ...any) (int64, error) {
	result := tx.gorm.Exec("?", gorm.Expr(sql, args...))
	if result.Error != nil {
		return 0, fmt.Errorf("exec: %w", result.Error)
	}
	return result.RowsAffected, nil
}
