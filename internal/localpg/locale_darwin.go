package localpg

// utf8Locale is the character type of a new cluster; macOS has no C.UTF-8.
const utf8Locale = "UTF-8"
