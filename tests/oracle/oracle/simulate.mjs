// Evaluates policies for requests with an evaluator that knows nothing of leash.
//
// Reads `[{ id, policies, requests: [{ action, resource, context }] }]`, writes `{ [id]: { denied, spare, errors } }`: requests the
// policies do not allow, and actions that could be dropped from them without any request being denied.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import path from "node:path";

const require = createRequire(path.join(process.argv[2], "index.js"));
const { runSimulation } = await import(pathToFileURL(require.resolve("@cloud-copilot/iam-simulate")));
const principal = "arn:aws:iam::123456789012:role/function";

async function allowed(policies, { action, resource, context }, errors) {
  const answer = await runSimulation(
    {
      request: { principal, action, resource: { resource, accountId: "123456789012" }, contextVariables: context },
      identityPolicies: policies.map((policy, at) => ({ name: `policy-${at}`, policy })),
      serviceControlPolicies: [],
      resourceControlPolicies: [],
    },
    {},
  );
  if (answer.resultType === "error") errors.push(`${action} on ${resource}: ${JSON.stringify(answer.errors)}`);
  return answer.overallResult === "Allowed";
}

const list = (value) => (Array.isArray(value) ? value : [value]);

// The policies without one action; a statement that has no other goes as a whole.
const without = (policies, action) =>
  policies.map((policy) => ({
    ...policy,
    Statement: policy.Statement.map((statement) => ({ ...statement, Action: list(statement.Action).filter((one) => one !== action) }))
      .filter((statement) => statement.Action.length > 0),
  }));

const answers = {};
for (const { id, policies, requests } of JSON.parse(readFileSync(0, "utf8"))) {
  const errors = [];
  const denied = [];
  for (const request of requests) if (!(await allowed(policies, request, errors))) denied.push(request);
  const actions = new Set(policies.flatMap((policy) => policy.Statement.flatMap((statement) => list(statement.Action))));
  const spare = [];
  for (const action of actions) {
    const fewer = without(policies, action);
    // Only requests for this action can be missed; without one the action is spare.
    const asked = requests.filter((request) => request.action.toLowerCase() === action.toLowerCase());
    let missed = false;
    for (const request of asked) missed ||= !(await allowed(fewer, request, errors));
    if (!missed) spare.push(action);
  }
  answers[id] = { denied, spare, errors: [...new Set(errors)], requests: requests.length, actions: actions.size };
}
process.stdout.write(JSON.stringify(answers));
