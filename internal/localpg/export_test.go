package localpg

// HideUsualPlaces leaves only PATH to find PostgreSQL on. It is for a helper
// process, as it changes the whole program.
func HideUsualPlaces() { usualPlaces = nil }
