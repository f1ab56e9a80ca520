//! Where imports lead that are not beside the code: packages, layers, the repository around a folder. Through the binary.

use std::path::Path;

#[path = "support/project.rs"]
mod project;
#[path = "support/run.rs"]
mod run;

use project::project;
use run::leash;

/// What `leash infer --format text` answers for a path, on one line.
fn infer(folder: &Path, path: &str) -> String {
    leash(folder, &["infer", path, "--format", "text"]).everything()
}

const SCAN: &str = "import boto3\ndef scan():\n    boto3.client('dynamodb').scan(TableName='orders')\n";

#[test]
fn what_a_build_writes_beside_sources_does_not_make_them_an_installed_package() {
    let app = "from helper import store\ndef handler(event, context):\n    store.scan()\n";
    let files = [("app.py", app), ("helper/__init__.py", ""), ("helper/store.py", SCAN)];
    let with = |info: &str| {
        let folder = project(&files);
        std::fs::create_dir(folder.path().join(info)).expect("a folder");
        std::fs::write(folder.path().join(info).join("top_level.txt"), "helper\n").expect("a file");
        infer(folder.path(), ".")
    };
    assert!(with("helper.egg-info").contains("dynamodb:Scan"));
    assert!(!with("helper-1.0-py3.12.egg-info").contains("dynamodb:Scan"), "an installed one is a library");
}

#[test]
fn a_file_named_on_its_own_imports_from_its_repository() {
    let app = "from utils.db import scan\ndef handler(event, context):\n    scan()\n";
    let folder = project(&[("code/current/app.py", app), ("utils/__init__.py", ""), ("utils/db.py", SCAN)]);
    for path in ["code/current/app.py", "code/current", "code"] {
        let answer = infer(folder.path(), path);
        assert!(answer.contains("dynamodb:Scan") && answer.contains("utils/db.py:3"), "{path}: {answer}");
    }
    let inside = folder.path().join("code/current");
    let answer = infer(&inside, ".");
    assert!(answer.contains("`utils.db` was not found, and no list of requirements around names it"), "no repository: {answer}");
    std::fs::create_dir(folder.path().join(".git")).expect("a folder");
    let answer = infer(&inside, ".");
    assert!(answer.contains("dynamodb:Scan ../../utils/db.py:3"), "the repository is what counts: {answer}");
}

#[test]
fn what_a_layer_brings_is_looked_for_in_the_repository_around_a_folder() {
    let app = "import outbox\ndef handler(event, context):\n    outbox.scan()\n";
    let folder = project(&[("services/mail/app.py", app), ("layers/shared/python/outbox.py", SCAN), (".git/HEAD", "")]);
    let answer = infer(folder.path(), "services/mail");
    assert!(answer.contains("layers/shared/python/outbox.py is taken for it, as if a layer brought it"), "{answer}");
    assert!(answer.contains("dynamodb:Scan"), "{answer}");
}

#[test]
fn what_a_script_packs_into_a_layer_may_stand_in_a_package() {
    let app = "import outbox\ndef handler(event, context):\n    outbox.scan()\n";
    let files = [("functions/mail/app.py", app), ("functions/shared/outbox.py", SCAN), ("functions/shared/__init__.py", "")];
    let answer = infer(project(&files).path(), ".");
    assert!(answer.contains("functions/shared/outbox.py is taken for it, as if a layer brought it"), "{answer}");
    assert!(answer.contains("dynamodb:Scan"), "{answer}");
    let another = [("functions/other/outbox.py", SCAN), ("functions/other/__init__.py", "")];
    let several: Vec<_> = files.into_iter().chain(another).collect();
    let answer = infer(project(&several).path(), ".");
    assert!(answer.contains("`outbox` was not found"), "nothing tells them apart: {answer}");
    let alone: Vec<_> = several.into_iter().filter(|(name, _)| *name != "functions/other/__init__.py").collect();
    let answer = infer(project(&alone).path(), ".");
    assert!(answer.contains("functions/other/outbox.py is taken for it"), "what is no part comes first: {answer}");
}

#[test]
fn a_python_package_is_doubted_where_nothing_tells_where_it_comes_from() {
    let app = "import json, yaml, requests, jwt, boto3, dateutil, mypy_boto3_s3, crhelper\nimport listed_one, named\nimport strange\n\
               def handler(event, context):\n    boto3.client('sqs').list_queues()\n";
    let folder = project(&[
        ("src/app.py", app),
        ("requirements.txt", "Listed-One==1.0\n-e git+https://host/python-named.git#egg=python-named\n"),
    ]);
    let answer = infer(folder.path(), ".");
    assert!(answer.contains("`strange` was not found, and no list of requirements around names it"), "{answer}");
    assert_eq!(answer.matches("was not found").count(), 1, "{answer}");
}

const STORE: &str =
    "const { S3 } = require('aws-sdk');\nexports.put = () => new S3().putObject({ Bucket: 'b', Key: 'k' }).promise();\n";
const CALLER: &str = "const store = require('shop/store');\nexports.handler = async () => store.put();\n";

#[test]
fn modules_of_a_layer_are_imported_by_their_bare_names() {
    let template = "Transform: AWS::Serverless-2016-10-31\nResources:\n  L:\n    Type: AWS::Serverless::LayerVersion\n    \
                    Properties: {ContentUri: layer}\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      \
                    {CodeUri: fn, Handler: index.handler, Runtime: nodejs20.x, Layers: [!Ref L]}\n";
    let own = project(&[
        ("template.yaml", template),
        ("fn/index.js", CALLER),
        ("layer/nodejs/node_modules/shop/store.js", STORE),
        ("layer/nodejs/node_modules/shop/package.json", r#"{"name": "shop", "private": true}"#),
    ]);
    assert!(infer(own.path(), ".").contains("s3:PutObject"));
    let installed = project(&[
        ("template.yaml", template),
        ("fn/index.js", CALLER),
        ("layer/nodejs/node_modules/shop/store.js", STORE),
        ("layer/nodejs/node_modules/shop/package.json", r#"{"name": "shop", "version": "1.0.0"}"#),
    ]);
    assert!(!infer(installed.path(), ".").contains("s3:PutObject"), "what npm installed is a library");
}

#[test]
fn a_module_that_only_a_layer_can_bring_is_taken_from_the_repository_for_node_too() {
    let embed = "const store = require('/opt/lib/other.js');\nexports.handler = async () => store.put();\n";
    let folder = project(&[
        ("fn/index.js", CALLER),
        ("fn/embed.js", embed),
        ("layer/shop/store.js", STORE),
        ("layer/lib/other.js", STORE),
    ]);
    let answer = infer(folder.path(), ".");
    assert!(answer.contains("layer/shop/store.js is taken for it, as if a layer brought it"), "{answer}");
    assert!(answer.contains("layer/lib/other.js is taken for it"), "{answer}");
    let alone = project(&[("fn/index.js", CALLER)]);
    let answer = infer(alone.path(), ".");
    assert!(answer.contains("`shop/store` was not found, and no package.json around names it"), "{answer}");
}

#[test]
fn packages_of_the_repository_are_found_by_what_manifests_say() {
    let manifests = [
        ("app/package.json", r#"{"name": "app", "dependencies": {"shop": "file:../libs/shop"}}"#, "package.json", "{}"),
        ("app/package.json", r#"{"name": "app"}"#, "pnpm-workspace.yaml", "packages:\n  - 'libs/*'\n"),
        ("app/package.json", r#"{"name": "app"}"#, "lerna.json", r#"{"packages": ["libs/*"]}"#),
        (
            "app/package.json",
            r#"{"name": "app"}"#,
            "rush.json",
            "/* all of them */ {\"projects\": [\n  // one\n  {\"packageName\": \"shop\", \"projectFolder\": \"libs/shop\"},\n]}",
        ),
        ("app/package.json", r#"{"name": "app", "dependencies": {"shop": "workspace:^1.0.0"}}"#, "README.md", ""),
    ];
    for (manifest, text, other, content) in manifests {
        let folder = project(&[
            (manifest, text),
            (other, content),
            ("app/index.js", CALLER),
            ("libs/shop/package.json", r#"{"name": "shop"}"#),
            ("libs/shop/store.js", STORE),
        ]);
        let answer = infer(folder.path(), ".");
        assert!(answer.contains("s3:PutObject") && !answer.contains("as if a layer"), "{other}: {answer}");
    }
}

#[test]
fn a_package_of_the_repository_that_is_not_there_is_no_library() {
    let manifest = r#"{"name": "app", "dependencies": {"shop": "workspace:*", "other": "1.0.0"}}"#;
    let folder = project(&[("app/package.json", manifest), ("app/index.js", CALLER)]);
    let answer = infer(folder.path(), ".");
    assert!(answer.contains("`shop/store` was not found"), "{answer}");
}

#[test]
fn what_a_package_of_the_repository_is_made_from_stands_for_what_its_manifest_names() {
    let store =
        "import { S3 } from '@aws-sdk/client-s3';\nexport const put = () => new S3({}).putObject({ Bucket: 'b', Key: 'k' });\n";
    let cases = [
        ("shop", r#""main": "dist/main.js""#, "{}", "src/main.ts"),
        ("shop", r#""main": "dist/parts/api.js", "types": "dist/parts/api.d.ts""#, "{}", "src/parts/api.ts"),
        ("shop", r#""main": "bundle.js", "types": "dist/api.d.ts""#, "{}", "src/api.ts"),
        ("shop", r#""exports": {".": {"import": "./dist/esm/main.mjs"}}"#, "{}", "src/main.mts"),
        ("shop", r#""main": "out/main.js""#, r#"{"compilerOptions": {"rootDir": "code"}}"#, "code/main.ts"),
        ("shop/db", r#""exports": {".": "./dist/main.js", "./db": "./dist/parts/db.js"}"#, "{}", "src/parts/db.ts"),
        ("shop/db", r#""exports": {"./*": "./dist/parts/*.js"}"#, "{}", "src/parts/db.ts"),
    ];
    for (specifier, manifest, config, source) in cases {
        let caller = format!("import {{ put }} from '{specifier}';\nexport const handler = async () => put();\n");
        let manifest = format!(r#"{{"name": "shop", {manifest}}}"#);
        let own = [
            ("package.json", r#"{"private": true, "workspaces": ["app", "libs/*"]}"#),
            ("app/package.json", r#"{"name": "app", "dependencies": {"shop": "*"}}"#),
            ("app/index.ts", &caller),
            ("libs/shop/package.json", &manifest),
            ("libs/shop/tsconfig.json", config),
            ("libs/shop/src/index.ts", "export const nothing = 1;\n"),
        ];
        let file = format!("libs/shop/{source}");
        let folder = project(&[&own[..], &[(file.as_str(), store)]].concat());
        let answer = infer(folder.path(), ".");
        assert!(answer.contains("s3:PutObject"), "{manifest} {config}: {answer}");
        let folder = project(&own[..5]);
        let answer = infer(folder.path(), ".");
        assert!(answer.contains(&format!("`{specifier}` was not found")), "{manifest}: {answer}");
    }
}

#[test]
fn a_package_of_the_repository_is_what_it_says_for_the_form_of_the_import() {
    let manifest = r#"{"name": "shop", "exports": {".": {"import": "./dist/esm/web.js", "require": "./dist/cjs/main.js", "default": "./dist/esm/other.js"}}}"#;
    let store =
        "const { S3 } = require('@aws-sdk/client-s3');\nexports.put = () => new S3({}).putObject({ Bucket: 'b', Key: 'k' });\n";
    for (other, caller) in [
        ("web.js", "const { put } = require('shop');\nexports.handler = async () => put();\n"),
        ("main.js", "import { put } from 'shop';\nexport const handler = async () => put();\n"),
    ] {
        let own = if other == "web.js" { "libs/shop/src/main.js" } else { "libs/shop/src/web.js" };
        let folder = project(&[
            ("package.json", r#"{"private": true, "workspaces": ["app", "libs/*"]}"#),
            ("app/index.js", caller),
            ("libs/shop/package.json", manifest),
            (&format!("libs/shop/src/{other}"), "exports.nothing = 1;\n"),
            ("libs/shop/src/other.js", "exports.nothing = 1;\n"),
            (own, store),
        ]);
        let answer = infer(folder.path(), "app");
        assert!(answer.contains("s3:PutObject"), "{other}: {answer}");
    }
}

#[test]
fn a_package_calls_its_own_parts_by_names_with_a_hash() {
    let imports = [
        (r##"{"imports": {"#*": "./src/*"}}"##, "#store/store.js"),
        (
            r##"{"imports": {"#*": "./no/*", "#store/*.js": {"types": "./types/*.d.ts", "node": "./src/store/*.ts"}}}"##,
            "#store/store.js",
        ),
        (r##"{"imports": {"#s": ["./src/store/store"], "#s*": "./no*"}}"##, "#s"),
    ];
    for (manifest, specifier) in imports {
        let caller = format!("import {{ put }} from '{specifier}';\nexport const handler = async () => put();\n");
        let store = "import { S3 } from '@aws-sdk/client-s3';\nexport const put = () => new S3({}).putObject({ Bucket: 'b', Key: 'k' });\n";
        let folder = project(&[("package.json", manifest), ("app/index.ts", &caller), ("src/store/store.ts", store)]);
        let answer = infer(folder.path(), ".");
        assert!(answer.contains("s3:PutObject"), "{manifest}: {answer}");
    }
}

#[test]
fn what_is_imported_for_its_type_only_need_not_be_there() {
    let app = "import { Product } from '../model/product';\nimport { Order, make } from './order';\n\
               export const handler = async (event: Product): Promise<Order> => make(event as Product);\n";
    let folder = project(&[("src/app.ts", app)]);
    let answer = infer(folder.path(), ".");
    assert!(!answer.contains("`../model/product` was not found"), "{answer}");
    assert!(answer.contains("`./order` was not found"), "a value of it is used: {answer}");
}

#[test]
fn names_may_differ_in_case_where_that_leaves_no_choice() {
    let caller = "const store = require('./orderstore');\nexports.handler = async () => store.put();\n";
    let folder = project(&[("index.js", caller), ("OrderStore.js", STORE)]);
    assert!(infer(folder.path(), ".").contains("s3:PutObject"));
    let folder = project(&[("index.js", caller), ("OrderStore.js", STORE), ("ORDERSTORE.js", STORE)]);
    assert!(infer(folder.path(), ".").contains("was not found"), "it may be either");
}

#[test]
fn a_module_of_a_package_is_none_of_pythons_own() {
    let kind = "from enum import Enum\nclass Kind(Enum):\n    A = 'orders'\n    def table(self):\n        return self.value\n";
    let app = "import boto3\nfrom common.enum import Kind\ndef handler(event, context):\n    \
               boto3.client('dynamodb').scan(TableName=Kind.A.table())\n";
    let folder = project(&[("app.py", app), ("common/__init__.py", ""), ("common/enum.py", kind)]);
    let answer = infer(folder.path(), ".");
    assert!(answer.contains("table/orders") && !answer.contains("was not found"), "{answer}");
}

#[test]
fn the_folder_that_leash_is_started_in_changes_nothing() {
    let handler = "import { getOne } from '../../lib/db';\nimport { table } from '@shop/names';\nimport 'some-lib';\n\
                   export const handler = () => getOne(table);\n";
    let db = "import { DynamoDB } from '@aws-sdk/client-dynamodb';\n\
              export const getOne = (TableName) => new DynamoDB({}).getItem({ TableName, Key: {} });\n";
    let folder = project(&[
        ("services/a/handler.ts", handler),
        ("lib/db.js", db),
        ("lib/names.ts", "export const table = 'partners';\n"),
        ("package.json", r#"{"dependencies": {"some-lib": "1"}}"#),
        ("tsconfig.json", r#"{"compilerOptions": {"paths": {"@shop/*": ["./lib/*"]}}}"#),
    ]);
    for (start, path) in [(".", "services/a"), ("services", "a"), ("services/a", ".")] {
        let answer = infer(&folder.path().join(start), path);
        assert!(answer.contains("dynamodb:GetItem") && answer.contains("table/partners"), "{start}: {answer}");
        assert!(!answer.contains("was not found"), "{start}: {answer}");
    }
}

#[test]
fn a_configuration_may_extend_others_whose_extension_is_left_out() {
    let app = "import { put } from '@libs/store';\nexport const handler = async () => put();\n";
    let store =
        "import { S3 } from '@aws-sdk/client-s3';\nexport const put = () => new S3({}).putObject({ Bucket: 'b', Key: 'k' });\n";
    let base = r#"{"compilerOptions": {"baseUrl": ".", "paths": {"@libs/*": ["libs/*/index.ts"]}}}"#;
    for extends in [r#""../tsconfig.base""#, r#""../tsconfig.base.json""#, r#"["../tsconfig.base", "../strict"]"#] {
        let config = format!(r#"{{"extends": {extends}}}"#);
        let folder = project(&[
            ("api/app.ts", app),
            ("api/tsconfig.json", &config),
            ("tsconfig.base.json", base),
            ("strict.json", r#"{"compilerOptions": {"strict": true}}"#),
            ("libs/store/index.ts", store),
        ]);
        let answer = infer(folder.path(), ".");
        assert!(answer.contains("s3:PutObject") && !answer.contains("was not found"), "{extends}: {answer}");
    }
}

const PARAMS: &str = "const { SSMClient, GetParameterCommand } = require('@aws-sdk/client-ssm');\n\
                      exports.read = () => new SSMClient({}).send(new GetParameterCommand({ Name: '/shop/x' }));\n";

#[test]
fn a_file_of_a_package_of_the_repository_is_found_below_its_sources_before_a_build() {
    let handler = "const params = require('@acme/app/lib/services/params');\nexports.handler = async () => params.read();\n";
    let files = [
        ("package.json", r#"{"private": true, "workspaces": ["app", "backend"]}"#),
        ("app/package.json", r#"{"name": "@acme/app", "main": "lib/index.js"}"#),
        ("app/src/services/params.js", PARAMS),
        ("backend/package.json", r#"{"name": "backend", "dependencies": {"@acme/app": "workspace:*"}}"#),
        ("backend/get.js", handler),
    ];
    let answer = infer(project(&files).path(), ".");
    assert!(answer.contains("ssm:GetParameter app/src/services/params.js"), "{answer}");
    let lacking: Vec<_> = files.iter().copied().filter(|(name, _)| !name.ends_with("params.js")).collect();
    let answer = infer(project(&lacking).path(), ".");
    assert!(answer.contains("`@acme/app/lib/services/params` was not found; calls"), "its package is here: {answer}");
    let built = [&files[..], &[("app/lib/other.js", PARAMS)]].concat();
    let answer = infer(project(&built).path(), ".");
    assert!(answer.contains("`@acme/app/lib/services/params` was not found; calls"), "a build lacks it: {answer}");
}

#[test]
fn what_the_manifest_of_a_layer_names_is_a_known_library() {
    let handler = "const pThrottle = require('p-throttle');\nexports.handler = async () => pThrottle();\n";
    let template = |layer: &str| {
        format!(
            "Transform: AWS::Serverless-2016-10-31\nResources:\n  L:\n    Type: AWS::Serverless::LayerVersion\n    \
             Properties: {{ContentUri: {layer}}}\n  F:\n    Type: AWS::Serverless::Function\n    Properties:\n      \
             {{CodeUri: fn, Handler: index.handler, Runtime: nodejs20.x, Layers: [!Ref L]}}\n"
        )
    };
    let manifest = r#"{"name": "deps", "dependencies": {"p-throttle": "^7.0.0"}}"#;
    let with = |layer: &str, manifest_at: &str| {
        let template = template(layer);
        let files = [("template.yaml", template.as_str()), ("fn/index.js", handler), (manifest_at, manifest)];
        infer(project(&files).path(), ".")
    };
    for (layer, at) in [("deps", "deps/package.json"), ("deps/dist", "deps/package.json"), ("x", "y/nodejs/package.json")] {
        let answer = with(layer, at);
        assert!(!answer.contains("p-throttle"), "{layer} {at}: {answer}");
    }
    let answer = with("deps", "tools/package.json");
    assert!(answer.contains("`p-throttle` was not found"), "no layer is built there: {answer}");
}

#[test]
fn a_condition_that_chooses_between_two_files_computes_no_name() {
    let handler = "const params = require(process.env.LOCAL ? './local.js' : '/opt/params.js');\n\
                   exports.handler = async () => params.read();\n";
    let local = "exports.read = () => 1;\n";
    let files = [("fn/index.js", handler), ("fn/local.js", local), ("layer/opt/params.js", PARAMS)];
    let answer = infer(project(&files).path(), ".");
    assert!(answer.contains("ssm:GetParameter layer/opt/params.js"), "{answer}");
    assert!(!answer.contains("computed"), "{answer}");
}

#[test]
fn what_is_exported_by_default_is_a_handler_where_it_may_ask_aws() {
    let hook = "import { useState } from 'react';\nexport default function useList(first) { return useState(first); }\n";
    let job = "import { list } from './list';\nexport default async (input) => list();\n";
    let list = "import { SQS } from '@aws-sdk/client-sqs';\nexport const list = () => new SQS({}).listQueues({});\n";
    let folder = project(&[
        ("package.json", r#"{"dependencies": {"react": "18"}}"#),
        ("hooks/useList.ts", hook),
        ("webpack.config.js", "module.exports = (env) => ({ mode: env.mode });\n"),
        ("jobs/job.ts", job),
        ("jobs/list.ts", list),
    ]);
    let answer = infer(folder.path(), ".");
    assert!(answer.contains("jobs/job.ts:default") && answer.contains("sqs:ListQueues"), "{answer}");
    assert!(!answer.contains("useList") && !answer.contains("webpack"), "{answer}");
}

#[test]
fn what_makes_handlers_is_none_and_what_it_makes_is_one() {
    let wrap = "export function requestHandler(options) {\n  return async (event, context) => options.run(event.body);\n}\n";
    let main = "import { S3 } from '@aws-sdk/client-s3';\nimport { requestHandler } from './wrap';\n\
                export const main = requestHandler({ run: (key) => new S3({}).getObject({ Bucket: 'b', Key: key }) });\n";
    let other = "const { requestHandler } = require('../lib');\nconst { SQS } = require('@aws-sdk/client-sqs');\n\
                 exports.run = requestHandler({ run: () => new SQS({}).listQueues({}) });\n";
    let lib = "exports.requestHandler = (options) => {\n  const inner = async (event) => options.run();\n  return inner;\n};\n";
    let folder = project(&[
        ("graph/main.ts", main),
        ("graph/wrap.ts", wrap),
        ("rest/run.js", other),
        ("lib/index.js", lib),
        (
            "seed.js",
            "const { SNS } = require('@aws-sdk/client-sns');\nexports.handler = async (event) => new SNS({}).listTopics({});\n",
        ),
    ]);
    let answer = infer(folder.path(), ".");
    for handler in ["graph/main.ts:main", "rest/run.js:run", "seed.js:handler"] {
        assert!(answer.contains(handler), "{handler}: {answer}");
    }
    assert!(answer.contains("s3:GetObject") && answer.contains("sqs:ListQueues"), "{answer}");
    assert!(!answer.contains(":requestHandler"), "{answer}");
}
