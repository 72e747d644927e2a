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

# SAVEPOINT=0 does without it.
ifneq ($(strip $(SAVEPOINT_GUARD)),)
ifeq ($(filter 0 false,$(SAVEPOINT)),)
savepoint_goals = $(or $(MAKECMDGOALS),$(.DEFAULT_GOAL))
savepoint_makes_nothing := $(strip $(foreach flag,n q t,$(findstring $(flag),$(filter-out --%,$(firstword -$(MAKEFLAGS))))))
savepoint_named = $(if $(savepoint_makes_nothing),,$(filter $(SAVEPOINT_GUARD),$(savepoint_goals)))
# make starts again after it has made one of its makefiles: what was saved then is not saved twice.
savepoint_snapshot = $(SAVEPOINT_EXECUTABLE) snapshot --trigger 'target:$(firstword $(savepoint_goals))' \
                     $(if $(MAKE_RESTARTS),--if-changed) $(SAVEPOINT_GUARD_FLAGS)

# Before guarded goals that make was asked for, and before what they need: a makefile that is missing
# is made before any goal, and make ends if it cannot be; with -k it would go on. There never is one.
savepoint-before-goals:
	$(if $(savepoint_named),$(savepoint_snapshot))

include savepoint-before-goals
MAKEFLAGS += $(if $(savepoint_named),-S)

# Before guarded goals that others need. Order-only: no reason to make anything anew.
.PHONY: savepoint-snapshot
savepoint-snapshot:
	$(if $(savepoint_named),,$(savepoint_snapshot))

$(SAVEPOINT_GUARD): | savepoint-snapshot
endif
endif

.DEFAULT_GOAL := $(savepoint_goal_before)
