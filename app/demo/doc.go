// Package demo is the example district (domain.md section 1) and its year: it loads the district into an empty database on 2023-03-13 and plays
// the year forward. Scripted people report, miss, start late and recover, all through the verbs of package app and as the users that they are.
// What happens is written in the YAML files of this folder; the code decides from the database what is still to do, so that a moment may be
// played twice and a play goes on where it stopped.
package demo
