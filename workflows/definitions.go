package workflows

import (
	"embed"
	"io/fs"
)

//go:embed definitions/*.yaml
var definitionFiles embed.FS

//go:embed rulesets/*.yaml
var rulesetFiles embed.FS

//go:embed vocabulary.yaml
var vocabularyFile embed.FS

// Definitions returns the machines that ship with the product, under definitions/; LoadMachines takes it with the directory "." or "definitions".
func Definitions() fs.FS { return definitionFiles }

// Rulesets returns the rule sets that ship with the product, under rulesets/; LoadRulesets takes it with the directory "." or "rulesets".
func Rulesets() fs.FS { return rulesetFiles }
