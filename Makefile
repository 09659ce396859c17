# The entry points for a person. Each sets up what it needs; none needs another to run before it.
.DEFAULT_GOAL := help
.PHONY: help node-tools doctor setup run test test-planted test-machines test-compose check fix docs stack stack-down registry publish down clean

# As ci/engine/state.ts has it. A Node.js of our own, made where the machine's is too old, stands before the machine's.
STATE := $(if $(MISTERSMITH_STATE),$(MISTERSMITH_STATE),$(HOME)/.cache/mistersmith)
# Git's tag of a release; a commit that has none is published under its own hash alone.
RELEASE = $(shell git tag --points-at HEAD --list 'v[0-9]*' | head -n 1)
export MISTERSMITH_NODE := $(STATE)/node
export PATH := $(MISTERSMITH_NODE)/node_modules/.bin:$(PATH)
TSX := node_modules/.bin/tsx

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-15s %s\n", $$1, $$2 }' Makefile

node-tools:
	@sh ci/bootstrap.sh

doctor: node-tools ## what this machine has, what follows from it, and the one next step
	@$(TSX) ci/doctor/main.ts

setup: node-tools ## bring up a Dagger engine (found, pulled or built) and the dagger command
	@$(TSX) ci/engine/main.ts up

run: setup ## MAIN JOB: build the four images, run the checklist, publish locally, write out/report
	@$(TSX) ci/run/main.ts

test: setup ## run every test and end with "N passed, N failed"
	@$(TSX) ci/test/main.ts

test-planted: setup ## plant one fault per row of the checklist and see exactly that row turn red (long)
	@$(TSX) ci/run/call.ts checks planted-faults

test-machines: setup ## play every machine unlike this one that can be had here, a VM with cgroup v2 among them (long)
	@$(TSX) ci/machines/main.ts

check: node-tools ## formatters and linters of every language, without writing
	@$(TSX) ci/style/main.ts check

fix: node-tools ## let the formatters and linters write
	@$(TSX) ci/style/main.ts fix

docs: node-tools ## write the reference pages from the specs and the error table
	@$(TSX) ci/docs/main.ts write

stack: setup ## run the whole system on this machine's Docker; DEMO=1 needs no ANTHROPIC_API_KEY
	@$(TSX) ci/stack/main.ts up $(if $(DEMO),--demo) $(if $(OBSERVABILITY),--observability)

stack-down: node-tools ## take the stack down; VOLUMES=1 removes its data too
	@$(TSX) ci/stack/main.ts down $(if $(VOLUMES),--volumes)

test-compose: setup ## the seven rows and more with Docker Compose: 10 agents, 5 workers
	@$(TSX) ci/compose-check/main.ts

registry: setup ## serve the local registry's images on this machine; PORT=5001 where its own port is taken
	@$(TSX) ci/run/registry.ts "$(if $(filter command,$(origin PORT)),$(PORT))"

publish: setup ## publish to ECR with the AWS credentials of the environment; writes out/images.json
	@$(TSX) ci/run/call.ts publish --as-json --output out/images.json $(if $(RELEASE),--release "$(RELEASE)") --aws-region "$(AWS_REGION)" \
	  --aws-access-key-id env:AWS_ACCESS_KEY_ID --aws-secret-access-key env:AWS_SECRET_ACCESS_KEY \
	  $(if $(AWS_SESSION_TOKEN),--aws-session-token env:AWS_SESSION_TOKEN)

down: node-tools ## stop the engine and whatever `setup` started
	@$(TSX) ci/engine/main.ts down

clean: node-tools ## `down`, and remove everything that `setup` made
	@$(TSX) ci/engine/main.ts clean
