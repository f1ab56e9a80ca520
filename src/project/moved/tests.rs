//! Which file is taken for code that a template names by another place.

use super::*;

fn find(files: &[&str], module: &str, place: &str, is_common: bool) -> Option<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let paths: Vec<PathBuf> = files.iter().map(|name| folder.path().join(name)).collect();
    for path in &paths {
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
        let name = path.parent().and_then(Path::file_name).map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let text = match path.extension().is_some_and(|extension| extension == "json") {
            true => format!(r#"{{"name": "@fleet/{name}-service"}}"#),
            false if name == "stacks" => "from aws_cdk import Stack\nlambda_handler = 'app.lambda_handler'".to_owned(),
            false => "def lambda_handler(event, context): pass".to_owned(),
        };
        std::fs::write(path, text).expect("a file");
    }
    let template = folder.path().join("deployment");
    let wanted =
        Wanted { module, symbol: "lambda_handler", extensions: &["py"], place, folder: &template, is_common, template: &[] };
    let base = Files::new(folder.path());
    let sources = paths
        .into_iter()
        .filter(|path| path.extension().is_some_and(|extension| extension == "py" || extension == "js"))
        .collect();
    let listing = Listing { sources, ..Listing::default() };
    Sources::new(move || listing).find(&base, &wanted).map(|found| base.display(&found.path))
}

#[test]
fn the_archives_name_decides_between_modules_of_one_name() {
    let files = ["source/timer/src/main.py", "source/ip_retention/main.py"];
    assert_eq!(find(&files, "main", "s3://bucket/v1/timer.zip", true).as_deref(), Some("source/timer/src/main.py"));
    assert_eq!(find(&files, "main", "s3://bucket/v1/ip-retention.zip", true).as_deref(), Some("source/ip_retention/main.py"));
    assert_eq!(find(&files, "main", "s3://bucket/v1/other.zip", true), None, "nothing tells them apart");
}

#[test]
fn a_name_that_occurs_once_is_enough_unless_several_functions_share_it() {
    let files = ["source/timer/timer.py", "tests/timer.py", "source/timer/timer.js"];
    assert_eq!(find(&files, "timer", "s3://bucket/code.zip", false).as_deref(), Some("source/timer/timer.py"));
    assert_eq!(find(&files, "timer", "s3://bucket/code.zip", true), None);
}

#[test]
fn folders_of_other_systems_and_of_the_module_count() {
    let files = ["python/lambdas/web/api/app.py", "python/lambdas/error/api/app.py"];
    assert_eq!(find(&files, "api.app", r"C:\work\lambdas\error", true).as_deref(), Some("python/lambdas/error/api/app.py"));
}

#[test]
fn a_script_may_rename_what_it_packs() {
    let files = ["functions/apis/listOrders.py", "functions/apis/getOrder.py"];
    let found = find(&files, "index", "s3://bucket/functions/ListOrders.zip", true);
    assert_eq!(found.as_deref(), Some("functions/apis/listOrders.py"));
    assert_eq!(find(&files, "orders", "s3://bucket/functions/ListOrders.zip", true), None, "the module has a name of its own");
}

#[test]
fn a_bundlers_file_is_named_like_the_functions_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let find = |module: &str, names: &[&str]| {
        let paths: Vec<PathBuf> = names.iter().map(|name| folder.path().join(name)).collect();
        for path in &paths {
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("folders");
            std::fs::write(path, "export const handler = 1;").expect("a file");
        }
        let place = folder.path().join("dist").to_string_lossy().into_owned();
        let (symbol, extensions) = ("handler", &["ts", "js"][..]);
        let wanted = Wanted { module, symbol, extensions, place: &place, folder: folder.path(), is_common: false, template: &[] };
        let (base, listing) = (Files::new(folder.path()), Listing { sources: paths, ..Listing::default() });
        Sources::new(move || listing).find(&base, &wanted).map(|found| base.display(&found.path))
    };
    let files = ["src/clean-crates/handler.ts", "src/weighCrates/index.ts", "src/clean-crates/crates.ts"];
    assert_eq!(find("cleanCrates", &files).as_deref(), Some("src/clean-crates/handler.ts"));
    assert_eq!(find("weigh-crates", &files).as_deref(), Some("src/weighCrates/index.ts"));
    assert_eq!(find("sailCrates", &files), None);
    let several = [files[0], "lib/cleanCrates/index.ts"];
    assert_eq!(find("cleanCrates", &several), None, "nothing tells them apart");
}

#[test]
fn other_projects_of_a_collection_are_left_alone() {
    let files = ["deployment/other.py", "deployment/README.md", "other/notify.py"];
    assert_eq!(find(&files, "notify", "s3://bucket/code.zip", false), None);
    assert!(find(&files[1..], "notify", "s3://bucket/code.zip", false).is_some(), "there is no code but elsewhere");
}

#[test]
fn the_end_of_an_archives_name_may_be_the_folder() {
    let files = ["src/rooms/src/api/main.py", "src/rooms/src/stream/main.py"];
    assert_eq!(find(&files, "main", "s3://bucket/rooms_api.zip", true).as_deref(), Some("src/rooms/src/api/main.py"));
    assert_eq!(find(&files, "main", "s3://bucket/rooms-stream.zip", true).as_deref(), Some("src/rooms/src/stream/main.py"));
    assert_eq!(find(&files, "main", "s3://bucket/roomsapi.zip", true), None, "that is another word");
}

#[test]
fn the_words_of_an_archives_name_may_be_folders() {
    let files = ["api/consumer/read/things.py", "api/producer/read/things.py"];
    assert_eq!(find(&files, "things", "dist/consumer-read.zip", true).as_deref(), Some("api/consumer/read/things.py"));
    assert_eq!(find(&files, "things", "dist/read-consumer.zip", true), None, "that is another order");
    let files = ["src/users/articles/popular/handler.py", "src/articles/popular/handler.py"];
    let found = find(&files, "handler", "deploy/articles_popular.zip", true);
    assert_eq!(found.as_deref(), Some("src/articles/popular/handler.py"));
    let found = find(&files, "handler", "deploy/users_articles_popular.zip", true);
    assert_eq!(found.as_deref(), Some("src/users/articles/popular/handler.py"));
}

#[test]
fn folders_of_several_words_are_words_of_an_archives_name() {
    let files = ["src/box/price_list/show/handler.py", "src/box/labels/show/handler.py", "src/price/show/handler.py"];
    let found = find(&files, "handler", "deploy/box_price_list_show.zip", true);
    assert_eq!(found.as_deref(), Some("src/box/price_list/show/handler.py"));
    assert_eq!(find(&files, "handler", "deploy/box_pricel_ist_shown.zip", true), None);
}

#[test]
fn what_is_built_lies_elsewhere_than_its_source() {
    let files = ["services/cart/src/index.py", "services/pay/src/index.py"];
    for archive in ["artifacts/cart/lambda.zip", "artifacts/cart.zip"] {
        assert_eq!(find(&files, "dist/index", archive, true).as_deref(), Some("services/cart/src/index.py"));
    }
    assert_eq!(find(&files, "dist/index", "artifacts/other/lambda.zip", true), None);
    assert_eq!(find(&files[..1], "dist/index", "artifacts/lambda.zip", false), None, "nothing but its name speaks for it");
    assert_eq!(find(&files, "rare/index", "artifacts/cart.zip", true), None, "no build writes there");
}

#[test]
fn archives_are_named_after_packages() {
    let files = ["q/find/package.json", "q/find/index.py", "q/find/lib/index.py", "q/list/index.py", "q/list/package.json"];
    let found = find(&files, "index", "dist/@fleet/find-service.zip", true);
    assert_eq!(found.as_deref(), Some("q/find/index.py"));
    assert_eq!(find(&files, "index", "dist/@other/find-service.zip", true), None);
}

#[test]
fn what_describes_infrastructure_is_no_handler() {
    assert_eq!(find(&["stacks/app.py"], "app", "s3://bucket/stacks.zip", true), None);
}

#[test]
fn a_module_of_a_package_has_a_name_of_its_own() {
    let files = ["src/agent/handler.py", "src/app.py"];
    assert_eq!(find(&files, "agent.handler", "", false).as_deref(), Some("src/agent/handler.py"));
    assert_eq!(find(&files, "app", "", false), None, "every other module is called that");
}

#[test]
fn images_are_built_in_folders_of_their_names() {
    let folder = tempfile::tempdir().expect("a folder");
    let paths = ["code/audit-logs/Dockerfile", "code/submission/Dockerfile"].map(|name| folder.path().join(name));
    let listing = Listing { dockerfiles: paths.to_vec(), ..Listing::default() };
    let (sources, files) = (Sources::new(move || listing), Files::new(folder.path()));
    let find = |names: &[&str]| sources.dockerfile(&files, folder.path(), names).map(|path| files.display(&path));
    assert_eq!(find(&["audit_logs_lambda"]).as_deref(), Some("code/audit-logs/Dockerfile"));
    assert_eq!(find(&["Submission", "*"]).as_deref(), Some("code/submission/Dockerfile"));
    assert_eq!(find(&["lambda"]), None);
}
