#!/bin/sh
# What pre-commit (https://pre-commit.com) runs for .pre-commit-hooks.yaml. It passes no arguments of git's: variables say
# what git is doing.
command -v savepoint >/dev/null || exit 0
if [ -n "${PRE_COMMIT_CHECKOUT_TYPE-}" ]; then
  savepoint hooks run post-checkout -- "$PRE_COMMIT_FROM_REF" "$PRE_COMMIT_TO_REF" "$PRE_COMMIT_CHECKOUT_TYPE" </dev/null || :
elif [ -n "${PRE_COMMIT_IS_SQUASH_MERGE-}" ]; then
  savepoint hooks run post-merge -- "$PRE_COMMIT_IS_SQUASH_MERGE" </dev/null || :
elif [ -n "${PRE_COMMIT_REWRITE_COMMAND-}" ]; then
  savepoint hooks run post-rewrite -- "$PRE_COMMIT_REWRITE_COMMAND" </dev/null || :
elif [ -n "${PRE_COMMIT_PRE_REBASE_UPSTREAM-}" ]; then
  savepoint hooks run pre-rebase -- "$PRE_COMMIT_PRE_REBASE_UPSTREAM" ${PRE_COMMIT_PRE_REBASE_BRANCH:+"$PRE_COMMIT_PRE_REBASE_BRANCH"} \
    </dev/null || [ $? -ne 3 ] || exit 1
elif [ -n "${PRE_COMMIT_REMOTE_NAME-}" ]; then
  printf '%s %s %s %s\n' "$PRE_COMMIT_LOCAL_BRANCH" "$PRE_COMMIT_TO_REF" "$PRE_COMMIT_REMOTE_BRANCH" "$PRE_COMMIT_FROM_REF" |
    savepoint hooks run pre-push -- "$PRE_COMMIT_REMOTE_NAME" "$PRE_COMMIT_REMOTE_URL" || [ $? -ne 3 ] || exit 1
fi
