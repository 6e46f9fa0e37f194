# The targets of this project; `make` alone lists them.
.DEFAULT_GOAL := help
.PHONY: help check test bench size year faults load mutations matrix corpus tour demo clean

# The version stamp needs a git that trusts the folder; no test looks at it.
export GOFLAGS ?= -buildvcs=false

help: ## this list
	@sed -n 's/^\([a-z]*\): .*## /  make \1\t/p' $(MAKEFILE_LIST)

check: ## everything CI runs: format, vet, all tests with the race detector, on SQLite and PostgreSQL, in a browser
	.ci/install
	@unformatted=$$(gofmt -l .); if [ -n "$$unformatted" ]; then echo "not in gofmt's format:"; echo "$$unformatted"; exit 1; fi
	go vet -race ./...
	.ci/with-postgres go test -race -timeout 50m ./e2e ./app ./app/web ./cmd/battlemap ./... # the longest first: none of them is left over with half of the machine

test: ## the tests that need nothing installed: SQLite, no browser
	env -u BATTLEMAP_TEST_POSTGRES -u BATTLEMAP_TEST_CHROMIUM go test ./...

bench: ## P1 to P7 (docs/performance.md), each beside its floor in the same run, as one table; half an hour, 12 GB in TMPDIR. All benchmarks: go test -run '^$$' -bench . ./...
	BATTLEMAP_TEST_GOALS=1 go test -count 1 -timeout 3h -run 'TestGoals$$' -v ./cmd/battlemap

size: ## a district of 1,000,000 tickets and 10,000,000 records in DIR/battlemap.db, proven by the doctor (BATTLEMAP_TEST_TICKETS, BATTLEMAP_TEST_RECORDS: other sizes)
	BATTLEMAP_TEST_SIZE=$(abspath $(DIR)) go test -count 1 -timeout 3h -run 'TestGenerate$$' -v ./app

year: ## the year 2023 under faults: three nodes stopped and killed, 200 random kills; prints what was missed and what came twice
	BATTLEMAP_TEST_YEAR=1 .ci/with-postgres go test -count 1 -v -timeout 60m -run 'TestThreeNodesPlayTheYear|TestKilledAtRandomTheLedgerIsTheSame' ./cmd/battlemap ./app

faults: ## the fault programme: killed, cut off, on a broken disk; prints what was tried, acknowledged, lost and written twice
	BATTLEMAP_TEST_FAULTS=1 .ci/with-postgres go test -count 1 -v -timeout 180m -run '^TestFault' ./cmd/battlemap
	.ci/with-postgres go test -count 1 -v -timeout 30m -run '^TestPoison|^TestDeadly|^TestHangingJob|^TestFailingJob|^TestPanickingJob' ./app ./app/jobs

load: ## 2,000 event streams and 200 users on one node, and on two of which one is killed; prints what was lost and the memory (docs/load.md)
	BATTLEMAP_TEST_LOAD=1 .ci/with-postgres go test -count 1 -v -timeout 90m -run 'TestLoad$$|TestSlow' ./cmd/battlemap

mutations: ## a million damaged exports and case bundles, none of which may pass for sound; prints what became of them
	BATTLEMAP_TEST_MUTATIONS=1000000 go test -count 1 -v -timeout 120m -run 'TestMutations$$|TestConsistencyFile$$|TestRecordFile$$' ./app/audit

matrix: ## every route, tried by every role on what is theirs, others' and missing, and every move by every pathway, whole, on SQLite and PostgreSQL (make check has short forms); prints how many cells were tried
	BATTLEMAP_TEST_MATRIX=1 .ci/with-postgres go test -count 1 -v -timeout 60m -run 'TestCheck(07|35|37|43)|TestCheck39EveryPathway' ./app/web

corpus: ## text that looks like scripts in the forms of the example district, four of each kind, read back on four pages of each shape, in Chromium
	BATTLEMAP_TEST_CORPUS=1 .ci/with-postgres go test -count 1 -v -timeout 60m -run TestCheck10WhatPeopleWriteIsOnlyRead ./e2e

tour: ## takes the pictures of docs/tour.md anew
	mkdir -p docs/tour && BATTLEMAP_TOUR=$(CURDIR)/docs/tour .ci/with-postgres go test -count 1 -run TestTour ./e2e

demo: ## the example district on this machine, with made-up data
	go run ./cmd/battlemap demo

clean: ## removes what builds and runs leave in the tree
	rm -rf bin dist battlemap auditverify *.test *.out
