#!/bin/sh
# Starts a Node.js policy pack as Pulumi's own language host does; the one that can be had as source is older than that.
# It lies in the pack's folder. Argument: the engine's address.
pack="$(cd -- "$(dirname -- "$0")" && pwd)"
cd -- "$pack" || exit 1
exec node "$(node -p "require.resolve('@pulumi/pulumi/cmd/run-policy-pack')")" "$1" "$pack"
