//! What the `AppConfig` extension reads by itself, before any code asks it to.
//! <https://docs.aws.amazon.com/appconfig/latest/userguide/appconfig-integration-lambda-extensions-config.html>

use super::facts::fact;
use super::{Settings, Variables};
use crate::value::Text;

/// The variables that list configurations, separated by commas: `applications/A/environments/E/configurations/C`.
const LISTS: [&str; 2] = ["AWS_APPCONFIG_EXTENSION_PREFETCH_LIST", "AWS_APPCONFIG_EXTENSION_EVIDENTLY_CONFIGURATIONS"];

impl Settings<'_> {
    pub(super) fn fetched_ahead(&mut self) {
        let Some(fact) = fact("appconfig-prefetch", None) else { return };
        let mut seen = std::collections::BTreeSet::new();
        for variable in LISTS.iter().filter_map(|name| self.function.environment.get(*name)) {
            for path in variable.values.iter().flat_map(listed) {
                let variables = ["applications", "environments"].map(|part| vec![named(&path, part)]);
                if seen.insert(variables.clone()) {
                    let [application, environment] = variables;
                    let variables = Variables::from([("application", application), ("environment", environment)]);
                    self.add(fact, fact.what.clone(), Some(variable.origin.clone()), &variables);
                }
            }
        }
    }
}

/// The items of a list.
fn listed(text: &Text) -> Vec<Text> {
    let mut items = Vec::new();
    let mut rest = text.clone();
    while let Some((item, behind)) = rest.split_once(",") {
        items.push(item);
        rest = behind;
    }
    items.push(rest);
    items
}

/// What a path says behind one of its words.
fn named(path: &Text, word: &str) -> Text {
    let behind = path.split_once(&format!("{word}/")).map(|(_, behind)| behind);
    let name = behind.map(|behind| behind.split_once("/").map_or_else(|| behind.clone(), |(name, _)| name));
    name.unwrap_or_else(|| Text::literal("*"))
}
