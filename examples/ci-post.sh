#!/bin/sh
# Posts a deploy notice to a Google Chat space, from any CI.
#
#     CHATAUTH_SPACE=AAA sh examples/ci-post.sh started|succeeded|failed
#
# All notices of one commit share a thread. Running it twice for the same run and state posts once, so a job that
# is started again doesn't repeat itself.
#
# It needs a sign-in: CHATAUTH_HOME with one, or CHATAUTH_ACCESS_TOKEN. Nothing here is about Google's
# servers: with CHATAUTH_EMULATOR_HOST set it posts to the emulator.
set -eu

state=${1:?usage: ci-post.sh started|succeeded|failed}
: "${CHATAUTH_SPACE:?set CHATAUTH_SPACE to the space: spaces/AAA, its id, or its address from the browser}"
program=${CHATAUTH_PROGRAM:-chatauth}

# GitHub Actions, GitLab CI, or this checkout.
commit=${GITHUB_SHA:-${CI_COMMIT_SHA:-$(git rev-parse HEAD)}}
run=${GITHUB_RUN_ID:-${CI_PIPELINE_ID:-by-hand}}
short=$(printf %.8s "$commit")

case $state in
    started) text="Deploy of $short started." ;;
    succeeded) text="Deploy of $short succeeded." ;;
    failed) text="*Deploy of $short failed.* Run $run has the log." ;;
    *)
        echo "ci-post.sh: unknown state $state" >&2
        exit 2
        ;;
esac

# The request id is the same whenever this is the same notice: Google then gives the first message back instead of
# posting a second one. Without --request-id each run of the command would be a new message.
post() {
    "$program" --no-input messages send \
        --thread-key "deploy-$commit" \
        --request-id "deploy-$commit-$run-$state" \
        --text "$text"
}

tries=3
while :; do
    code=0
    post || code=$?
    tries=$((tries - 1))
    # chatauth has tried again by itself before it ends with 7; now it takes more patience.
    if [ "$code" -ne 7 ] || [ "$tries" -eq 0 ]; then
        break
    fi
    echo "ci-post.sh: Google Chat doesn't take it now; trying again in 30 s" >&2
    sleep 30
done

case $code in
    4) echo "ci-post.sh: the sign-in is missing or dead: run 'chatauth login', and renew this job's secret" >&2 ;;
    5) echo "ci-post.sh: the sign-in may not post there: the hint above says which scope or membership it lacks" >&2 ;;
    6) echo "ci-post.sh: the account doesn't see $CHATAUTH_SPACE: is it a member, and is the id right?" >&2 ;;
    7) echo "ci-post.sh: Google Chat didn't take it: run this again later, it cannot post twice" >&2 ;;
esac
exit "$code"
