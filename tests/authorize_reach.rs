//! Requests that reach further than their name says: into other resources, and with the caller's rights into other services.

#[path = "support/requests.rs"]
mod requests;

use leash::value::Arg;
use requests::{grants, lines, list, record, text};

/// Whether a request needs a permission, as `action resource`.
fn needs(service: &str, operation: &str, params: &[(&str, Arg)], line: &str) {
    let found = lines(service, operation, params);
    assert!(found.iter().any(|known| known == line), "{service}:{operation} does not need {line}: {found:#?}");
}

#[test]
fn systems_manager_names_the_instance_and_the_kind_that_is_tagged() {
    let tagged = [("ResourceType", text("Parameter")), ("ResourceId", text("/shop/key"))];
    let found = lines("ssm", "AddTagsToResource", &tagged);
    assert_eq!(found, ["ssm:AddTagsToResource arn:aws:ssm:R:A:parameter/shop/key"]);
    let setting = "/ssm/parameter-store/high-throughput-enabled";
    let found = lines("ssm", "UpdateServiceSetting", &[("SettingId", text(setting))]);
    assert_eq!(found, [format!("ssm:UpdateServiceSetting arn:aws:ssm:R:A:servicesetting{setting}")]);
    let whole = format!("arn:aws:ssm:us-east-1:123456789012:servicesetting{setting}");
    assert_eq!(lines("ssm", "GetServiceSetting", &[("SettingId", text(&whole))]), [format!("ssm:GetServiceSetting {whole}")]);
    let found = lines("ssm", "StartSession", &[("Target", text("i-0123"))]);
    assert_eq!(found, ["ssm:StartSession arn:aws:ec2:R:A:instance/i-0123"]);
    let by_tag = [("DocumentName", text("AWS-RunShellScript")), ("Targets", list(&[]))];
    needs("ssm", "SendCommand", &by_tag, "ssm:SendCommand arn:aws:ec2:R:A:instance/*");
    // Documents of AWS belong to no account of ours.
    needs("ssm", "SendCommand", &by_tag, "ssm:SendCommand arn:aws:ssm:R:*:document/AWS-RunShellScript");
}

#[test]
fn cloud_control_works_with_the_rights_of_the_caller() {
    let answer = |params: &[(&str, Arg)]| {
        let Arg::Map(params) = record(params) else { panic!("a record") };
        leash::catalog::Catalog::embedded().answer("cloudcontrol", "DeleteResource", &params, None).notes.join("; ")
    };
    assert!(answer(&[("TypeName", text("AWS::S3::Bucket"))]).contains("works with the rights of this function"));
    assert!(answer(&[("RoleArn", text("arn:aws:iam::123456789012:role/r"))]).contains("iam:PassRole"));
}

#[test]
fn code_and_exports_in_buckets_are_reached_with_the_rights_of_the_caller() {
    let code = record(&[("S3Bucket", text("b")), ("S3Key", text("f.zip"))]);
    let function = [("FunctionName", text("f")), ("Code", code)];
    needs("lambda", "CreateFunction", &function, "s3:GetObject arn:aws:s3:::b/f.zip");
    let version = [("S3Bucket", text("b")), ("S3Key", text("f.zip")), ("S3ObjectVersion", text("1"))];
    needs("lambda", "UpdateFunctionCode", &version, "s3:GetObjectVersion arn:aws:s3:::b/f.zip");
    let table = "arn:aws:dynamodb:eu-west-1:123456789012:table/t";
    let export = [("TableArn", text(table)), ("S3Bucket", text("b")), ("S3Prefix", text("day/"))];
    needs("dynamodb", "ExportTableToPointInTime", &export, "s3:PutObject arn:aws:s3:::b/day/*");
    let raw = [("FromEmailAddress", text("a@example.com")), ("Content", record(&[("Raw", record(&[]))]))];
    needs("sesv2", "SendEmail", &raw, "ses:SendRawEmail arn:aws:ses:R:A:identity/example.com");
}

#[test]
fn names_that_stand_for_ids_give_no_arn() {
    let names =
        ["ApplicationIdentifier", "EnvironmentIdentifier", "ConfigurationProfileIdentifier"].map(|name| (name, text("n")));
    let found = lines("appconfigdata", "StartConfigurationSession", &names);
    let any = "application/*/environment/*/configuration/*";
    assert_eq!(found, [format!("appconfig:StartConfigurationSession arn:aws:appconfig:R:A:{any}")]);
}

#[test]
fn paths_and_registries_are_part_of_what_is_named() {
    let role = [("RoleName", text("r")), ("Path", text("/shop/"))];
    assert_eq!(lines("iam", "CreateRole", &role), ["iam:CreateRole arn:aws:iam::A:role/shop/r"]);
    assert_eq!(lines("iam", "CreateRole", &role[..1]), ["iam:CreateRole arn:aws:iam::A:role/r"]);
    let schema = record(&[("RegistryName", text("r")), ("SchemaName", text("s"))]);
    needs("glue", "GetSchema", &[("SchemaId", schema)], "glue:GetSchema arn:aws:glue:R:A:schema/r/s");
    let database = [("DatabaseInput", record(&[("Name", text("d"))]))];
    needs("glue", "CreateDatabase", &database, "glue:CreateDatabase arn:aws:glue:R:A:database/d");
}

#[test]
fn tags_land_on_what_is_made() {
    let alias = [("Name", text("a")), ("Tags", list(&[])), ("RoutingStrategy", record(&[("FleetId", text("f"))]))];
    needs("gamelift", "CreateAlias", &alias, "gamelift:TagResource arn:aws:gamelift:R::alias/*");
    let key = [("ResourceArn", text("arn:aws:payment-cryptography:eu-west-1:123456789012:key/k"))];
    let wanted = "payment-cryptography:TagResource arn:aws:payment-cryptography:eu-west-1:123456789012:key/k";
    assert_eq!(lines("payment-cryptography", "TagResource", &key), [wanted]);
}

#[test]
fn an_id_names_the_kind_that_its_prefix_or_the_request_says() {
    let table = ("RouteTableId", text("rtb-1"));
    let edge = [table.clone(), ("GatewayId", text("igw-1"))];
    needs("ec2", "AssociateRouteTable", &edge, "ec2:AssociateRouteTable arn:aws:ec2:R:A:internet-gateway/igw-1");
    assert_eq!(lines("ec2", "AssociateRouteTable", &edge).len(), 2, "no other kind of gateway");
    let logs = [("ResourceIds", list(&[text("subnet-1")])), ("ResourceType", text("Subnet"))];
    needs("ec2", "CreateFlowLogs", &logs, "ec2:CreateFlowLogs arn:aws:ec2:R:A:subnet/subnet-1");
    assert_eq!(lines("ec2", "CreateFlowLogs", &logs).len(), 2, "the log and what it is of");
    let endpoint = [("VpcId", text("vpc-1")), ("SubnetIds", list(&[text("subnet-1")]))];
    needs("ec2", "CreateVpcEndpoint", &endpoint, "ec2:CreateVpcEndpoint arn:aws:ec2:R:A:subnet/subnet-1");
    let hosts = [("HostIds", list(&[text("h-1")]))];
    assert_eq!(lines("ec2", "ReleaseHosts", &hosts), ["ec2:ReleaseHosts arn:aws:ec2:R:A:dedicated-host/h-1"]);
}

#[test]
fn ids_stand_in_arns_as_those_are_written() {
    let phone = [("originationPhoneNumberId", text("phone-number-id-0123"))];
    let found = lines("socialmessaging", "SendWhatsAppMessage", &phone);
    assert_eq!(found, ["social-messaging:SendWhatsAppMessage arn:aws:social-messaging:R:A:phone-number-id/0123"]);
    let phone = [("originationPhoneNumberId", text("arn:aws:social-messaging:eu-west-1:1:phone-number-id/0123"))];
    let found = lines("socialmessaging", "SendWhatsAppMessage", &phone);
    assert_eq!(found, ["social-messaging:SendWhatsAppMessage arn:aws:social-messaging:eu-west-1:1:phone-number-id/0123"]);
    let network = [("resourceIdentifier", text("sn-1"))];
    assert_eq!(
        lines("vpc-lattice", "GetAuthPolicy", &network),
        ["vpc-lattice:GetAuthPolicy arn:aws:vpc-lattice:R:A:servicenetwork/sn-1"]
    );
}

#[test]
fn what_is_called_alike_in_another_service_is_not_what_the_request_names() {
    let cluster = "arn:aws:sagemaker:eu-west-1:123456789012:cluster/c";
    let quota = [("Name", text("q")), ("ClusterArn", text(cluster))];
    needs("sagemaker", "CreateComputeQuota", &quota, "eks:DescribeCluster arn:aws:eks:R:A:cluster/*");
    let glue = record(&[("databaseName", text("d")), ("tableName", text("t"))]);
    let table = [("name", text("orders")), ("tableReference", record(&[("glue", glue)]))];
    needs("cleanrooms", "CreateConfiguredTable", &table, "glue:GetTable arn:aws:glue:R:A:table/d/t");
    let thing = [("Id", text("gateway"))];
    needs("iotwireless", "DisassociateWirelessGatewayFromThing", &thing, "iot:DescribeThing arn:aws:iot:R:A:thing/*");
}

#[test]
fn names_are_not_taken_for_ids_that_the_service_made() {
    let web = [("ServiceNamespace", text("ecs")), ("ResourceId", text("service/default/web"))];
    let found = lines("application-autoscaling", "RegisterScalableTarget", &web);
    let target = "application-autoscaling:RegisterScalableTarget arn:aws:application-autoscaling:R:A:scalable-target/*";
    assert!(found.contains(&target.to_owned()), "{found:#?}");
    let model = [("provisionedModelId", text("mine"))];
    let found = lines("bedrock", "GetProvisionedModelThroughput", &model);
    assert_eq!(found, ["bedrock:GetProvisionedModelThroughput arn:aws:bedrock:R:A:provisioned-model/*"]);
    let keys = [("IncomingKeyIdentifier", text("alias/a")), ("OutgoingKeyIdentifier", text("0123"))];
    let found = lines("payment-cryptography-data", "ReEncryptData", &keys);
    let wanted = ["alias/a", "key/*", "key/0123"];
    let action = "payment-cryptography:ReEncryptData arn:aws:payment-cryptography:R:A:";
    assert_eq!(found, wanted.map(|resource| format!("{action}{resource}")));
    let point = [("SourceDBInstanceIdentifier", text("old")), ("TargetDBInstanceIdentifier", text("new"))];
    for name in ["old", "new"] {
        let line = format!("rds:RestoreDBInstanceToPointInTime arn:aws:rds:R:A:db:{name}");
        needs("rds", "RestoreDBInstanceToPointInTime", &point, &line);
    }
}

#[test]
fn an_address_is_sent_from_by_its_identity_or_that_of_its_domain() {
    let report = [("FromEmailAddress", text("Shop <shop@example.com>"))];
    let found = lines("sesv2", "CreateDeliverabilityTestReport", &report);
    let arn = "ses:CreateDeliverabilityTestReport arn:aws:ses:R:A:identity/";
    assert_eq!(found, ["example.com", "shop@example.com"].map(|identity| format!("{arn}{identity}")));
}

#[test]
fn what_a_request_names_otherwise_is_any_of_its_kind() {
    let version = [("LaunchTemplateName", text("web"))];
    let found = lines("ec2", "CreateLaunchTemplateVersion", &version);
    assert_eq!(found, ["ec2:CreateLaunchTemplateVersion arn:aws:ec2:R:A:launch-template/*"]);
}

#[test]
fn keys_in_a_request_are_used_with_the_rights_of_the_caller() {
    let key = "arn:aws:kms:eu-west-1:123456789012:key/1";
    let on_keys = |service: &str, operation: &str, params: &[(&str, Arg)]| {
        let mut found = lines(service, operation, params);
        found.retain(|line| line.starts_with("kms:"));
        found
    };
    let stored = |key: &str| on_keys("s3", "PutObject", &[("Bucket", text("b")), ("Key", text("k")), ("SSEKMSKeyId", text(key))]);
    assert_eq!(stored(key), [format!("kms:GenerateDataKey {key}")]);
    assert_eq!(stored("1234abcd"), ["kms:GenerateDataKey arn:aws:kms:R:A:key/1234abcd"]);
    // An alias does not show its key, and those of AWS's own keys ask for nothing.
    assert_eq!(stored("alias/mine"), ["kms:GenerateDataKey arn:aws:kms:R:A:key/*"]);
    let elsewhere = "arn:aws:kms:eu-west-1:123456789012:alias/mine";
    assert_eq!(stored(elsewhere), ["kms:GenerateDataKey arn:aws:kms:eu-west-1:123456789012:key/*"]);
    assert_eq!(stored("alias/aws/s3"), [""; 0]);
    // Of several keys, only those that are given.
    let instance = [("DBInstanceIdentifier", text("d")), ("KmsKeyId", text(key))];
    let found = on_keys("rds", "CreateDBInstance", &instance);
    assert_eq!(found, [format!("kms:CreateGrant {key}"), format!("kms:DescribeKey {key}")]);
    let graph =
        [("DBInstanceIdentifier", text("d")), ("KmsKeyId", text(key)), ("PerformanceInsightsKMSKeyId", text("alias/aws/rds"))];
    let found = on_keys("neptune", "CreateDBInstance", &graph);
    assert!(!found.is_empty() && found.iter().all(|line| line.ends_with(key)), "{found:?}");
    let replica = record(&[("Region", text("us-east-1")), ("KmsKeyId", text("2"))]);
    let secret = [("Name", text("s")), ("AddReplicaRegions", list(&[replica]))];
    let found = on_keys("secretsmanager", "CreateSecret", &secret);
    assert_eq!(found, ["kms:Encrypt arn:aws:kms:*:A:key/2", "kms:GenerateDataKey arn:aws:kms:*:A:key/2"]);
    // A role that is passed, or the service itself, has rights of its own.
    assert_eq!(on_keys("logs", "AssociateKmsKey", &[("logGroupName", text("g")), ("kmsKeyId", text(key))]), [""; 0]);
}

#[test]
fn what_a_key_needs_is_bound_to_its_service_or_said_to_be_open() {
    let catalog = leash::catalog::Catalog::embedded();
    let answer = |service: &str, operation: &str, params: &[(&str, Arg)]| {
        let Arg::Map(params) = record(params) else { panic!("a record") };
        catalog.answer(service, operation, &params, None)
    };
    let found = answer("s3", "PutObject", &[("Bucket", text("b")), ("Key", text("k")), ("SSEKMSKeyId", text("1"))]);
    let leash::catalog::Authorization::Grants(grants) = found.authorization else { panic!("no grants") };
    let key = grants.iter().find(|grant| grant.action == "kms:GenerateDataKey").expect("a grant on the key");
    assert_eq!(key.conditions[0].key, "kms:ViaService");
    assert_eq!(key.conditions[0].values[0].pattern(), "s3.*.amazonaws.com");
    assert!(key.citation.as_deref().is_some_and(|page| page.ends_with("UsingKMSEncryption.html")), "{:?}", key.citation);
    let open = |params: &[(&str, Arg)]| answer("events", "CreateArchive", params).notes.join("; ").contains("is not settled");
    assert!(open(&[("ArchiveName", text("n")), ("KmsKeyIdentifier", text("1"))]));
    assert!(!open(&[("ArchiveName", text("n"))]));
}

/// The grants on keys, with the conditions that name an alias: `action resource key=value`.
fn by_alias(service: &str, operation: &str, params: &[(&str, Arg)]) -> Vec<String> {
    let conditions = |grant: &leash::catalog::Grant| -> String {
        let named = grant.conditions.iter().filter(|condition| condition.key.contains("Alias"));
        named.map(|condition| format!(" {}={}", condition.key, condition.values[0].pattern())).collect()
    };
    let grants = grants(service, operation, params);
    let of_kms = grants.iter().filter(|grant| grant.action.starts_with("kms:"));
    let shown = of_kms.flat_map(|grant| {
        grant.resources.iter().map(move |resource| format!("{} {}{}", grant.action, resource.pattern(), conditions(grant)))
    });
    shown.collect()
}

#[test]
fn an_alias_bounds_a_statement_that_cannot_name_its_key() {
    let encrypt = |key: &str| by_alias("kms", "Encrypt", &[("KeyId", text(key))]);
    assert_eq!(encrypt("alias/orders"), ["kms:Encrypt arn:*:kms:*:*:key/* kms:RequestAlias=alias/orders"]);
    let there = "arn:aws:kms:eu-west-1:123456789012";
    let alias = format!("{there}:alias/orders");
    assert_eq!(encrypt(&alias), [format!("kms:Encrypt {there}:key/* kms:RequestAlias=alias/orders")]);
    assert_eq!(encrypt(&format!("{there}:key/mrk-1")), [format!("kms:Encrypt {there}:key/mrk-1")]);
    assert_eq!(encrypt("mrk-1"), ["kms:Encrypt arn:*:kms:*:*:key/mrk-1"]);
    // Where the request may as well use a key's id, an alias in a condition would refuse it.
    let either = [("KeyId", Arg::one_of([text("alias/orders"), text("1")]))];
    let found = by_alias("kms", "Encrypt", &either);
    assert_eq!(found, ["kms:Encrypt arn:*:kms:*:*:key/*", "kms:Encrypt arn:*:kms:*:*:key/1"]);
    let both = [("SourceKeyId", text("alias/old")), ("DestinationKeyId", text("1"))];
    let from = "kms:ReEncryptFrom arn:*:kms:*:*:key/* kms:RequestAlias=alias/old";
    assert_eq!(by_alias("kms", "ReEncrypt", &both), [from, "kms:ReEncryptTo arn:*:kms:*:*:key/1"]);
    // A key that an alias leads to has that alias, whoever uses it.
    let update = [("AliasName", text("alias/orders")), ("TargetKeyId", text("2"))];
    let wanted = [
        "kms:UpdateAlias arn:*:kms:*:*:alias/orders",
        "kms:UpdateAlias arn:*:kms:*:*:key/2",
        "kms:UpdateAlias arn:*:kms:*:*:key/* kms:ResourceAliases=alias/orders",
    ];
    assert_eq!(by_alias("kms", "UpdateAlias", &update), wanted);
    let stored = [("Bucket", text("b")), ("Key", text("k")), ("SSEKMSKeyId", text("alias/orders"))];
    let wanted = "kms:GenerateDataKey arn:*:kms:*:*:key/* kms:ResourceAliases=alias/orders";
    assert_eq!(by_alias("s3", "PutObject", &stored), [wanted]);
}

#[test]
fn names_that_a_service_keeps_in_lower_case_are_so_in_arns() {
    let found = lines("rds", "StopDBInstance", &[("DBInstanceIdentifier", text("Orders-DB"))]);
    assert_eq!(found, ["rds:StopDBInstance arn:aws:rds:R:A:db:orders-db"]);
    needs("docdb", "StopDBCluster", &[("DBClusterIdentifier", text("Docs"))], "rds:StopDBCluster arn:aws:rds:R:A:cluster:docs");
    let node = [("CacheClusterId", text("Cache"))];
    assert_eq!(
        lines("elasticache", "DeleteCacheCluster", &node).first().map(String::as_str),
        Some("elasticache:DeleteCacheCluster arn:aws:elasticache:R:A:cluster:cache")
    );
    // Groups that a request leaves out are the defaults.
    let instance = [("DBInstanceIdentifier", text("d")), ("DBParameterGroupName", text("Mine"))];
    let found = lines("rds", "CreateDBInstance", &instance);
    let groups =
        ["og:default*", "pg:mine", "subgrp:default"].map(|group| format!("rds:CreateDBInstance arn:aws:rds:R:A:{group}"));
    assert!(groups.iter().all(|group| found.contains(group)), "{found:#?}");
}

#[test]
fn buckets_go_by_other_names() {
    let get = |bucket: &str| lines("s3", "GetObject", &[("Bucket", text(bucket)), ("Key", text("a/b"))]);
    let point = "arn:aws:s3-outposts:us-west-2:123456789012:outpost/op-01/accesspoint/ap";
    assert_eq!(get(point), [format!("s3-outposts:GetObject {point}/object/a/b")]);
    let lambda = "arn:aws:s3-object-lambda:us-west-2:123456789012:accesspoint/olap";
    assert_eq!(get(lambda), [format!("s3-object-lambda:GetObject {lambda}")]);
    assert_eq!(get("olap-abc--ol-s3"), ["s3-object-lambda:GetObject arn:aws:s3-object-lambda:R:A:accesspoint/*"]);
    // An alias shows neither the access point nor its bucket.
    assert_eq!(get("ap-hrz5m36ft7-s3alias"), ["s3:GetObject arn:aws:s3:R:A:accesspoint/*/object/a/b"]);
    let listed = lines("s3", "ListObjectsV2", &[("Bucket", text("ap-hrz5m36ft7-s3alias"))]);
    assert_eq!(listed, ["s3:ListBucket arn:aws:s3:R:A:accesspoint/*"]);
    let parameter = "arn:aws:ssm:eu-west-1:123456789012:parameter/a";
    let found = lines("ssm", "GetParameter", &[("Name", text(&format!("{parameter}:3")))]);
    assert_eq!(found, [format!("ssm:GetParameter {parameter}")]);
}

#[test]
fn an_id_without_a_name_gives_way_to_the_one_of_the_resource() {
    let found = lines("workmail", "DescribeResource", &[("OrganizationId", text("m-1")), ("ResourceId", text("r-2"))]);
    assert_eq!(found, ["workmail:DescribeResource arn:aws:workmail:R:A:organization/m-1"]);
    let config = [("ResolverQueryLogConfigId", text("rqlc-1")), ("ResourceId", text("vpc-2"))];
    needs(
        "route53resolver",
        "AssociateResolverQueryLogConfig",
        &config,
        "route53resolver:AssociateResolverQueryLogConfig arn:aws:route53resolver:R:A:resolver-query-log-config/rqlc-1",
    );
}

#[test]
fn templates_and_media_are_read_with_the_rights_of_the_caller() {
    let stack = |url: &str| [("StackName", text("s")), ("TemplateURL", text(url))];
    let url = "https://b.s3.eu-west-1.amazonaws.com/t.yaml";
    needs("cloudformation", "CreateStack", &stack(url), "s3:GetObject arn:aws:s3:::b/t.yaml");
    let place = |uri: &str| record(&[("s3Uri", text(uri))]);
    let media = [("inputConfiguration", place("s3://in/a.pdf")), ("outputConfiguration", place("s3://out/results"))];
    let invoke = |line: &str| needs("bedrock-data-automation-runtime", "InvokeDataAutomationAsync", &media, line);
    invoke("s3:GetObject arn:aws:s3:::in/a.pdf");
    invoke("s3:PutObject arn:aws:s3:::out/results*");
}

#[test]
fn connections_and_hosts_keep_the_prefix_they_were_made_with() {
    let (old, new) = ("arn:aws:codestar-connections:R:A:connection/c", "arn:aws:codeconnections:R:A:connection/c");
    let get = |service: &str, arn: &str| lines(service, "GetConnection", &[("ConnectionArn", text(arn))]);
    for service in ["codeconnections", "codestar-connections"] {
        assert_eq!(get(service, old), [format!("codestar-connections:GetConnection {old}")]);
        assert_eq!(get(service, new), [format!("codeconnections:GetConnection {new}")]);
    }
    // What is done with the connection besides has its prefix, too; a link is the service's own.
    let update = [("RepositoryLinkId", text("l")), ("ConnectionArn", text(old))];
    let wanted = [
        "codeconnections:UpdateRepositoryLink arn:aws:codeconnections:R:A:repository-link/l".to_owned(),
        format!("codestar-connections:PassConnection {old}"),
    ];
    assert_eq!(lines("codeconnections", "UpdateRepositoryLink", &update), wanted);
}

#[test]
fn a_federated_table_is_given_its_connection() {
    let table = |rest: &[(&str, Arg)]| record(&[&[("Name", text("t"))], rest].concat());
    let passed = |operation: &str, input: Arg| {
        let found = lines("glue", operation, &[("DatabaseName", text("d")), ("TableInput", input)]);
        found.into_iter().filter(|line| line.contains("PassConnection")).collect::<Vec<_>>()
    };
    let federated = [("FederatedTable", record(&[("ConnectionName", text("lake"))]))];
    for operation in ["CreateTable", "UpdateTable"] {
        assert_eq!(passed(operation, table(&federated)), ["glue:PassConnection arn:aws:glue:R:A:connection/lake"]);
        assert_eq!(passed(operation, table(&[])), [""; 0]);
    }
}
