// Runs Node functions against the recording server. Reads jobs (JSON) from standard input, writes one JSON line per job.
//
// What the SDKs are told is only where AWS is: version 3 by AWS_ENDPOINT_URL, version 2, which does not read that variable,
// by its configuration before the program is loaded. No middleware is added to either.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import path from "node:path";

const endpoint = process.argv[2];
const jobs = JSON.parse(readFileSync(0, "utf8"));
const inherited = { ...process.env };
// What programs print is none of the answer.
const say = process.stdout.write.bind(process.stdout);
process.stdout.write = () => true;
process.on("unhandledRejection", () => {});

function prepare(job) {
  for (const name of Object.keys(process.env)) if (!(name in inherited)) delete process.env[name];
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "AKIAFUNCTION",
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE: "1",
    ...job.environment,
  });
  const require = createRequire(path.join(job.root, "index.js"));
  for (const file of Object.keys(require.cache)) {
    if (!file.includes("node_modules") || file.includes(`${path.sep}aws-sdk${path.sep}`)) delete require.cache[file];
  }
  if (job.text.includes("aws-sdk")) {
    require("aws-sdk").config.update({ endpoint, s3ForcePathStyle: true, region: "us-east-1" });
  }
  process.chdir(job.root);
  return require;
}

async function load(job, require) {
  const file = path.join(job.root, job.file);
  // A file is loaded anew for each event, like a cold start; ESM has no cache that could be emptied.
  const module = file.endsWith(".mjs") ? await import(`${pathToFileURL(file)}?job=${job.id}`) : require(file);
  return module[job.name] ?? module.default?.[job.name];
}

// Calls a handler as the runtime does: a promise, a callback, or `context.succeed`.
function call(handler, event) {
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error("the handler did not end")), 20_000);
    const end = (error, value) => {
      clearTimeout(limit);
      if (error) reject(error);
      else resolve(value);
    };
    const context = {
      functionName: "oracle", awsRequestId: "0", getRemainingTimeInMillis: () => 30_000,
      succeed: (value) => end(null, value), fail: (error) => end(error), done: end,
    };
    try {
      const result = handler(event, context, end);
      if (typeof result?.then === "function") result.then((value) => end(null, value), (error) => end(error));
      else if (handler.length < 3 && !/context\.(succeed|done|fail)/.test(String(handler))) end(null, result);
    } catch (error) {
      end(error);
    }
  });
}

for (const job of jobs) {
  let error = null;
  await fetch(`${endpoint}/oracle/begin`, { method: "POST", body: job.text });
  try {
    await call(await load(job, prepare(job)), job.event);
    // Calls that nobody waits for are calls, too.
    await new Promise((resolve) => setTimeout(resolve, job.linger ?? 0));
  } catch (caught) {
    error = String(caught?.stack ?? caught).split("\n").slice(0, 4).join("\n");
  }
  const requests = await (await fetch(`${endpoint}/oracle/requests`)).json();
  say(`${JSON.stringify({ id: job.id, error, requests: requests.map(({ key, ...request }) => ({ ...request, own: key === "AKIAFUNCTION" })) })}\n`);
}
process.exit(0);
