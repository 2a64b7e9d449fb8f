#!/bin/bash
# Runs the client scenarios of @modelcontextprotocol/conformance that apply to AgentStream's MCP client
# (docs/tools.md has the list of those that do not). Needs npm and a registry.
# The suite's newest version wants a newer Node.js than most have, so that one is installed beside it.
# Usage, from the repository: dotnet build AgentStream.Tests && AgentStream.Tests/Worker/Tools/Mcp/mcp-conformance.sh
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
if [ $# -eq 1 ]; then
  # Called by the suite with the address of the scenario's server.
  export AGENTSTREAM_CONFORMANCE_URL=$1
  exec dotnet test "$here/../../../AgentStream.Tests.csproj" --no-build --nologo --filter FullyQualifiedName~McpConformanceClient
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
echo '{ "private": true }' > package.json
npm install --silent --no-audit --no-fund \
  @modelcontextprotocol/conformance@0.2.0-alpha.12 node@22.23.3 > /dev/null
export PATH=$work/node_modules/.bin:$PATH

failed=0
while read -r scenario revision; do
  if conformance client --command "$here/mcp-conformance.sh" --scenario "$scenario" --spec-version "$revision" --timeout 120000 \
    > "$work/log" 2>&1; then
    echo "passed  $scenario ($revision)"
  else
    echo "FAILED  $scenario ($revision)"
    cat "$work/log"
    failed=1
  fi
done <<'LIST'
initialize 2025-06-18
initialize 2025-11-25
tools_call 2025-06-18
tools_call 2025-11-25
tools_call 2026-07-28
sse-retry 2025-11-25
request-metadata 2026-07-28
http-standard-headers 2026-07-28
http-custom-headers 2026-07-28
http-invalid-tool-headers 2026-07-28
json-schema-ref-no-deref 2026-07-28
json-schema-2020-12-preservation 2025-11-25
json-schema-2020-12-preservation 2026-07-28
auth/metadata-default 2026-07-28
auth/metadata-var1 2025-11-25
auth/metadata-var2 2026-07-28
auth/metadata-var3 2026-07-28
auth/scope-from-www-authenticate 2025-11-25
auth/scope-from-scopes-supported 2026-07-28
auth/scope-omitted-when-undefined 2026-07-28
auth/token-endpoint-auth-basic 2026-07-28
auth/token-endpoint-auth-post 2026-07-28
auth/token-endpoint-auth-none 2026-07-28
auth/pre-registration 2025-11-25
auth/2025-03-26-oauth-metadata-backcompat 2025-03-26
auth/2025-03-26-oauth-endpoint-fallback 2025-03-26
auth/resource-mismatch 2026-07-28
auth/offline-access-scope 2026-07-28
auth/offline-access-not-supported 2026-07-28
auth/iss-supported 2026-07-28
auth/iss-supported-missing 2026-07-28
auth/iss-wrong-issuer 2026-07-28
auth/iss-unexpected 2026-07-28
auth/metadata-issuer-mismatch 2026-07-28
auth/client-credentials-basic 2025-11-25
LIST
exit $failed
