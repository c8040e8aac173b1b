# Every target sets up what it needs first; the work is in .ci/.
.DEFAULT_GOAL := help
.PHONY: help setup build run test lint fmt e2e sdk fuzz bench dev soak faults lighthouse tour

help: ## this list
	@sed -n 's/^\([a-z0-9]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 12

setup: ## bring the tools that are missing
	@.ci/setup

build: ## target/release/taskyard, one file with the console inside
	@.ci/run build

run: build ## build, then serve on http://127.0.0.1:3000 with a demo service
	@.ci/serve

test: ## everything CI runs
	@.ci/test

lint: ## format check and clippy
	@.ci/run fmt --check
	@.ci/run lint

fmt: ## format the code
	@.ci/run fmt

e2e: build ## browser tests on the release build
	@.ci/e2e

sdk: build ## the vendor's SDKs, unmodified, against the release build
	@.ci/sdk

fuzz: build ## calls made up from the OpenAPI document against the release build
	@.ci/fuzz

bench: build ## measure what the project promises
	@.ci/bench

dev: ## rebuild and restart on every change
	@.ci/run dev

soak: build ## many clients with random aborts against the release build
	@.ci/soak

faults: build ## servers killed, Postgres restarted, the disk full, under load, against the release build
	@.ci/faults

lighthouse: build ## ratings of the console's main pages by Lighthouse, against the release build
	@.ci/lighthouse

tour: build ## a picture of every screen of the release build in target/tour, with an accessibility check of each
	@.ci/tour
