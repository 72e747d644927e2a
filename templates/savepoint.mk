# savepoint for GNU make: docs/make.md. In a Makefile, before or behind its own rules:
#
#   SAVEPOINT_GUARD := migrate deploy
#   -include $(shell savepoint --print-makefile 2>/dev/null)
#
# gives backup, backup-db, backup-code, backup-config, backup-list, backup-verify and
# restore SNAPSHOT=..., and takes one snapshot before any of the guarded goals is made.

savepoint_goal_before := $(.DEFAULT_GOAL)

ifndef SAVEPOINT_EXECUTABLE
# The one that this file was installed with.
SAVEPOINT_EXECUTABLE := $(firstword $(wildcard $(dir $(lastword $(MAKEFILE_LIST)))../../../bin/savepoint) savepoint)
endif

.PHONY: $(addprefix $(SAVEPOINT_PREFIX),backup backup-db backup-code backup-config backup-list backup-verify restore)

$(SAVEPOINT_PREFIX)backup:
	$(SAVEPOINT_EXECUTABLE) snapshot --trigger target:backup $(SAVEPOINT_FLAGS)

$(SAVEPOINT_PREFIX)backup-db:
	$(SAVEPOINT_EXECUTABLE) snapshot --trigger target:backup-db --only database $(SAVEPOINT_FLAGS)

$(SAVEPOINT_PREFIX)backup-code:
	$(SAVEPOINT_EXECUTABLE) snapshot --trigger target:backup-code --only code $(SAVEPOINT_FLAGS)

$(SAVEPOINT_PREFIX)backup-config:
	$(SAVEPOINT_EXECUTABLE) snapshot --trigger target:backup-config --only config $(SAVEPOINT_FLAGS)

$(SAVEPOINT_PREFIX)backup-list:
	$(SAVEPOINT_EXECUTABLE) list $(SAVEPOINT_FLAGS)

$(SAVEPOINT_PREFIX)backup-verify:
	$(SAVEPOINT_EXECUTABLE) verify $(SAVEPOINT_FLAGS)

$(SAVEPOINT_PREFIX)restore:
	$(SAVEPOINT_EXECUTABLE) restore $(if $(SNAPSHOT),'$(SNAPSHOT)') $(SAVEPOINT_FLAGS)

# Order-only: a snapshot is no reason to make anything anew. SAVEPOINT=0 does without it.
ifneq ($(strip $(SAVEPOINT_GUARD)),)
ifeq ($(filter 0 false,$(SAVEPOINT)),)
.PHONY: savepoint-snapshot
savepoint-snapshot:
	$(SAVEPOINT_EXECUTABLE) snapshot --trigger 'target:$(firstword $(MAKECMDGOALS) $(.DEFAULT_GOAL))' $(SAVEPOINT_GUARD_FLAGS)

$(SAVEPOINT_GUARD): | savepoint-snapshot
endif
endif

.DEFAULT_GOAL := $(savepoint_goal_before)
