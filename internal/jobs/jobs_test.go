package jobs_test

import (
	"context"
	"reflect"
	"testing"

	"rigg/internal/jobs"
)

func TestProcessesThatMigrateAtOnceAllSucceed(t *testing.T) {
	t.Parallel()
	db := empty(t)
	results := make(chan error)
	const processes = 3
	for range processes {
		go func() { results <- jobs.Migrate(t.Context(), db.Pool()) }()
	}
	for range processes {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	if err := jobs.Migrate(t.Context(), db.Pool()); err != nil {
		t.Errorf("again: %v", err)
	}
}

func TestRegistryKnowsItsKinds(t *testing.T) {
	t.Parallel()
	r := jobs.NewRegistry()
	jobs.Handle(r, func(context.Context, sweep) error { return nil })
	jobs.Handle(r, func(context.Context, greet) error { return nil })
	if got, want := r.Kinds(), []string{"greet", "sweep"}; !reflect.DeepEqual(got, want) {
		t.Errorf("kinds %v, want %v", got, want)
	}
	defer func() {
		if recover() == nil {
			t.Error("a kind was registered twice")
		}
	}()
	jobs.Handle(r, func(context.Context, greet) error { return nil })
}
