package jobs

import "github.com/riverqueue/river/rivertype"

// OncePerRun is for its own test: two leaders at once can't be had on demand.
var OncePerRun rivertype.HookInsertBegin = &oncePerRun{}
