package booking

// Expand is expand for the tests of rules.
var Expand = expand
