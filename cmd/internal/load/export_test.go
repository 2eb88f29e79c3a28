package load

// Read reads files as Files does, without a database: the error names every
// mistake that is found so far.
func Read(files []File) error {
	found := &mistakes{files: files}
	read(files, found)
	return found.err()
}
