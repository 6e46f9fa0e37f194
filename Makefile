# The targets of this project; `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help check test bench year faults mutations tour demo clean

# The version stamp needs a git that trusts the folder; no test looks at it.
export GOFLAGS ?= -buildvcs=false

help: ## this list
	@sed -n 's/^\([a-z]*\): .*## /  make \1\t/p' $(MAKEFILE_LIST)

check: ## everything CI runs: format, vet, all tests with the race detector, on SQLite and PostgreSQL, in a browser
	.ci/install
	@unformatted=$$(gofmt -l .); if [ -n "$$unformatted" ]; then echo "not in gofmt's format:"; echo "$$unformatted"; exit 1; fi
	go vet -race ./...
	.ci/with-postgres go test -race -timeout 30m ./...

test: ## the tests that need nothing installed: SQLite, no browser
	env -u BATTLEMAP_TEST_POSTGRES -u BATTLEMAP_TEST_CHROMIUM go test ./...

bench: ## the benchmarks, on SQLite and PostgreSQL; those of a goal print its ratio
	.ci/with-postgres go test -run '^$$' -bench . -benchmem -timeout 30m ./...

year: ## the year 2023 under faults: three nodes stopped and killed, 200 random kills; prints what was missed and what came twice
	BATTLEMAP_TEST_YEAR=1 .ci/with-postgres go test -count 1 -v -timeout 60m -run 'TestThreeNodesPlayTheYear|TestKilledAtRandomTheLedgerIsTheSame' ./cmd/battlemap ./app

faults: ## the fault programme: killed, cut off, on a broken disk; prints what was tried, acknowledged, lost and written twice
	BATTLEMAP_TEST_FAULTS=1 .ci/with-postgres go test -count 1 -v -timeout 180m -run '^TestFault' ./cmd/battlemap

mutations: ## a million damaged exports and case bundles, none of which may pass for sound; prints what became of them
	BATTLEMAP_TEST_MUTATIONS=1000000 go test -count 1 -v -timeout 120m -run 'TestMutations$$' ./app/audit

tour: ## takes the pictures of docs/tour.md anew
	mkdir -p docs/tour && BATTLEMAP_TOUR=$(CURDIR)/docs/tour .ci/with-postgres go test -count 1 -run TestTour ./e2e

demo: ## the example district on this machine, with made-up data
	go run ./cmd/battlemap demo

clean: ## removes what builds and runs leave in the tree
	rm -rf bin dist battlemap auditverify *.test *.out

# every route, tried by everybody on what is theirs and others', on SQLite and PostgreSQL (some minutes)
.PHONY: matrix
matrix:
	BATTLEMAP_TEST_MATRIX=1 .ci/with-postgres go test ./app/web -run 'TestCheck(07|35|37|43)' -timeout 40m -v
