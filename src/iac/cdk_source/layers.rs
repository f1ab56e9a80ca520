//! Layers of a CDK application's functions: which folders they bring.

use smol_str::SmolStr;

use super::{Reader, props, text_of};
use crate::flow::SdkCall;
use crate::iac::cloudformation::LayerContent;
use crate::iac::stack::{LambdaFunction, Layer};
use crate::sdk::construct::construct;
use crate::value::{Arg, ArgMap, Text};

impl Reader<'_> {
    /// Takes in a construct that is a layer. `LayerVersion` packs an asset as it is; those of a language put what their
    /// entry holds where the runtime looks for it.
    /// <https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_lambda.LayerVersion.html>
    /// <https://docs.aws.amazon.com/cdk/api/v2/docs/@aws-cdk_aws-lambda-python-alpha.PythonLayerVersion.html>
    pub(super) fn layer(&mut self, call: &SdkCall) {
        let props = props(&call.params);
        let (path, build_method) = match call.operation.as_str() {
            "aws-lambda-python.PythonLayerVersion" => (text_of(props, "entry"), Some(SmolStr::new_static("python"))),
            "aws-lambda.LayerVersion" => {
                let code = props.get("code").and_then(construct);
                let named = |data: &ArgMap| text_of(data.get("props")?.as_map()?, "path");
                (code.and_then(|(_, _, data)| text_of(data, "0").or_else(|| named(data))), None)
            }
            _ => return,
        };
        let id = text_of(&call.params, "id").and_then(|id| id.as_literal().map(SmolStr::from));
        if let (Some(id), Some(path)) = (id, path.and_then(|path| self.path(&path, call))) {
            self.layers.insert(id, LayerContent { path, build_method });
        }
    }

    /// The layers that a function's properties list.
    pub(super) fn layers_of(&self, function: &mut LambdaFunction, props: &ArgMap, call: &SdkCall) {
        let Some(Arg::List { items, .. }) = props.get("layers") else { return };
        function.layers.extend(self.known_layers(items, call));
    }

    /// `fn.addLayers(layer, …)`.
    pub(super) fn add_layers(&mut self, receiver: &Arg, call: &SdkCall) {
        let given: Vec<Arg> = (0..).map_while(|at| call.params.get(&at.to_string()).cloned()).collect();
        let layers = self.known_layers(&given, call);
        for at in self.functions_of(receiver) {
            let own = &mut self.stack.functions[at].layers;
            for layer in &layers {
                if !own.iter().any(|known| known.name == layer.name) {
                    own.push(layer.clone());
                }
            }
        }
    }

    fn known_layers(&self, items: &[Arg], call: &SdkCall) -> Vec<Layer> {
        let known = |(_, id, _): (&str, Option<&str>, &ArgMap)| self.layers.get_key_value(id?);
        let layer = |(id, content): (&SmolStr, &LayerContent)| Layer {
            name: Text::literal(id.clone()),
            content: Some(content.path.clone()),
            build_method: content.build_method.clone(),
            origin: call.at.clone(),
        };
        items.iter().flat_map(Arg::alternatives).filter_map(construct).filter_map(known).map(layer).collect()
    }
}
