//go:build !darwin

package localpg

// utf8Locale is the character type of a new cluster, built into the C library.
const utf8Locale = "C.UTF-8"
