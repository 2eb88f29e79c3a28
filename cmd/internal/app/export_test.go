package app

// WorkedKinds lists the kinds of job that have a worker.
func WorkedKinds() []string { return new(App).registry().Kinds() }
