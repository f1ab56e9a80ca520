//! Permissions that together let a function give itself more than it was given.
//!
//! Each path is a set of actions. It counts as open when every action of it is allowed on some resource; whether the
//! resource is one that helps cannot be told from the policy alone, so an open path is a reason to look, no proof.
//!
//! What IAM itself says about these: <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_understand-policy-summary-access-level-summaries.html>
//! (permissions management) and <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html>
//! (passing roles to services).

use std::collections::BTreeSet;

use super::algebra::{Coverage, Request, allows};
use super::statement::{Clause, Effect, Statement};
use super::{Action, ActionPattern, ArnPattern};

/// A way for a function to raise its own rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path {
    /// Stable kebab-case name.
    pub name: &'static str,
    /// The actions; all of them are needed.
    pub actions: &'static [&'static str],
    /// What the actions make possible together.
    pub effect: &'static str,
    /// The page on the action, or the chain of actions, that decides.
    pub reference: &'static str,
}

/// An open path and the statements that open it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Escalation {
    /// The path.
    pub path: Path,
    /// Indices of the statements that allow one of its actions, ascending.
    pub statements: Vec<usize>,
    /// Whether each action is allowed on every resource without conditions.
    pub unrestricted: bool,
}

const PASS_ROLE: &str = "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_passrole.html";

macro_rules! paths {
    ($($name:literal: [$($action:literal),+] $effect:literal, $reference:expr;)*) => {
        &[$(Path { name: $name, actions: &[$($action),+], effect: $effect, reference: $reference }),*]
    };
}

/// The known paths.
pub const PATHS: &[Path] = paths! {
    "attach-role-policy": ["iam:AttachRolePolicy"] "attaches any managed policy to its own role",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachRolePolicy.html";
    "put-role-policy": ["iam:PutRolePolicy"] "writes an inline policy into its own role",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html";
    "create-policy-version": ["iam:CreatePolicyVersion"] "replaces the content of a policy that its role has",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicyVersion.html";
    "set-default-policy-version": ["iam:SetDefaultPolicyVersion"] "goes back to a wider version of a policy that its role has",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_SetDefaultPolicyVersion.html";
    "delete-permissions-boundary": ["iam:DeleteRolePermissionsBoundary"] "removes the boundary that limits its role",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_DeleteRolePermissionsBoundary.html";
    "put-permissions-boundary": ["iam:PutRolePermissionsBoundary"] "replaces the boundary that limits its role",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePermissionsBoundary.html";
    "assume-after-trust": ["iam:UpdateAssumeRolePolicy", "sts:AssumeRole"] "makes a stronger role trust it and assumes that",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateAssumeRolePolicy.html";
    "create-access-key": ["iam:CreateAccessKey"] "makes keys of a user with more rights",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateAccessKey.html";
    "create-login-profile": ["iam:CreateLoginProfile"] "gives a user with more rights a password",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateLoginProfile.html";
    "update-login-profile": ["iam:UpdateLoginProfile"] "changes the password of a user with more rights",
        "https://docs.aws.amazon.com/IAM/latest/APIReference/API_UpdateLoginProfile.html";
    "pass-role-to-lambda": ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"]
        "runs code of its own in a new function with a stronger role", PASS_ROLE;
    "pass-role-to-lambda-by-event": ["iam:PassRole", "lambda:CreateFunction", "lambda:CreateEventSourceMapping"]
        "lets an event run code of its own in a new function with a stronger role", PASS_ROLE;
    "pass-role-to-lambda-by-permission": ["iam:PassRole", "lambda:CreateFunction", "lambda:AddPermission"]
        "lets others run code of its own in a new function with a stronger role", PASS_ROLE;
    "update-function-code": ["lambda:UpdateFunctionCode"] "puts code of its own into a function with a stronger role",
        "https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionCode.html";
    "update-function-role": ["iam:PassRole", "lambda:UpdateFunctionConfiguration"] "gives a function a stronger role",
        "https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionConfiguration.html";
    "pass-role-to-ec2": ["iam:PassRole", "ec2:RunInstances"] "starts a machine of its own with a stronger role",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_switch-role-ec2.html";
    "pass-role-to-ecs": ["iam:PassRole", "ecs:RegisterTaskDefinition", "ecs:RunTask"]
        "runs a container of its own with a stronger role",
        "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html";
    "pass-role-to-cloudformation": ["iam:PassRole", "cloudformation:CreateStack"]
        "lets a stack create what it may not, with a stronger role",
        "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-iam-servicerole.html";
    "pass-role-to-glue-job": ["iam:PassRole", "glue:CreateJob", "glue:StartJobRun"]
        "runs a job of its own with a stronger role", "https://docs.aws.amazon.com/glue/latest/dg/create-an-iam-role.html";
    "pass-role-to-codebuild": ["iam:PassRole", "codebuild:CreateProject", "codebuild:StartBuild"]
        "runs a build of its own with a stronger role",
        "https://docs.aws.amazon.com/codebuild/latest/userguide/setting-up-service-role.html";
    "pass-role-to-sagemaker": ["iam:PassRole", "sagemaker:CreateNotebookInstance", "sagemaker:CreatePresignedNotebookInstanceUrl"]
        "opens a notebook of its own with a stronger role",
        "https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html";
    "pass-role-to-step-functions": ["iam:PassRole", "states:CreateStateMachine", "states:StartExecution"]
        "runs a state machine of its own with a stronger role",
        "https://docs.aws.amazon.com/step-functions/latest/dg/procedure-create-iam-role.html";
    "send-command": ["ssm:SendCommand"] "runs commands on machines with a stronger role",
        "https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_SendCommand.html";
};

/// The paths that these statements open, in the order of [`PATHS`]. Denials without conditions on everything close one, and
/// what an action cannot be granted on (`can_be_on`) opens none.
pub fn escalations(statements: &[Statement], can_be_on: &dyn Fn(&Action, &ArnPattern) -> bool) -> Vec<Escalation> {
    PATHS.iter().filter_map(|path| open(path, statements, can_be_on)).collect()
}

fn open(path: &Path, statements: &[Statement], can_be_on: &dyn Fn(&Action, &ArnPattern) -> bool) -> Option<Escalation> {
    let mut used = BTreeSet::new();
    let mut unrestricted = true;
    // A role that may only be passed to another service is no help here.
    let service = receiver(path);
    let elsewhere = |statement: &Statement| {
        let excludes =
            |service: &String| statement.conditions.iter().any(|condition| condition.excludes("iam:PassedToService", service));
        statement.effect == Effect::Allow && service.as_ref().is_some_and(excludes)
    };
    let helpful: Vec<Statement> = statements.iter().filter(|statement| !elsewhere(statement)).cloned().collect();
    for name in path.actions {
        let plain = Action::parse(name)?;
        let action = ActionPattern::from(&plain);
        let request = Request::new(action.clone(), ArnPattern::any());
        let has_target = |statement: &Statement| match &statement.resources {
            Clause::Only(resources) => resources.iter().any(|resource| can_be_on(&plain, resource)),
            Clause::Except(_) => true,
        };
        let fitting: Vec<Statement> =
            helpful.iter().filter(|one| one.effect == Effect::Deny || has_target(one)).cloned().collect();
        let coverage = allows(&fitting, &request).coverage;
        if coverage == Coverage::None {
            return None;
        }
        unrestricted &= coverage == Coverage::Full;
        let gives = |statement: &Statement| {
            statement.effect == Effect::Allow
                && statement.actions.may_overlap(&action)
                && !elsewhere(statement)
                && has_target(statement)
        };
        used.extend(statements.iter().enumerate().filter(|(_, statement)| gives(statement)).map(|(index, _)| index));
        if !statements.iter().any(gives) {
            // Only something unread could allow it.
            return None;
        }
    }
    Some(Escalation { path: *path, statements: used.into_iter().collect(), unrestricted })
}

/// The service that a path passes a role to: the one that its next action belongs to.
fn receiver(path: &Path) -> Option<String> {
    let (pass, next) = path.actions.split_first()?;
    let service = next.first()?.split(':').next()?;
    let name = if service == "ecs" { "ecs-tasks" } else { service };
    (*pass == "iam:PassRole").then(|| format!("{name}.amazonaws.com"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allow(actions: &[&str], resource: &str) -> Statement {
        let actions = actions.iter().map(|text| ActionPattern::parse(text).expect("an action")).collect();
        Statement::allow(actions, vec![ArnPattern::parse(resource)])
    }

    fn names(statements: &[Statement]) -> Vec<&'static str> {
        escalations(statements, &|_, _| true).iter().map(|escalation| escalation.path.name).collect()
    }

    #[test]
    fn a_path_is_open_when_all_its_actions_are_allowed() {
        let lambda = allow(&["lambda:CreateFunction", "lambda:Invoke*"], "*");
        let pass = allow(&["iam:PassRole"], "arn:aws:iam::*:role/x");
        assert_eq!(names(std::slice::from_ref(&lambda)), [] as [&str; 0]);
        let open = escalations(&[lambda, pass], &|_, _| true);
        assert_eq!(open.len(), 1);
        assert_eq!((open[0].path.name, open[0].unrestricted), ("pass-role-to-lambda", false));
        assert_eq!(open[0].statements, [0, 1]);
    }

    #[test]
    fn what_an_action_cannot_be_granted_on_opens_nothing() {
        let all = [allow(&["ssm:*"], "arn:aws:ssm:*:*:parameter/x")];
        assert_eq!(names(&all), ["send-command"]);
        assert_eq!(escalations(&all, &|action, _| action.as_str() != "ssm:SendCommand"), []);
    }

    #[test]
    fn a_role_that_goes_to_another_service_opens_nothing() {
        let lambda = allow(&["lambda:*"], "*");
        let passed_to = |service: &str| {
            let condition =
                super::super::Condition::new("StringLike", "iam:PassedToService", vec![crate::value::Text::literal(service)]);
            allow(&["iam:PassRole"], "*").with_conditions(vec![condition])
        };
        assert_eq!(names(&[lambda.clone(), passed_to("dax.amazonaws.com")]), ["update-function-code"]);
        assert!(names(&[lambda, passed_to("lambda.amazonaws.com")]).contains(&"pass-role-to-lambda"));
    }

    #[test]
    fn everything_opens_every_path_and_a_denial_closes_one() {
        let mut deny = allow(&["iam:*", "lambda:*", "ssm:*"], "*");
        assert_eq!(names(&[allow(&["*"], "*")]).len(), PATHS.len());
        deny.effect = Effect::Deny;
        assert_eq!(names(&[allow(&["*"], "*"), deny]), [] as [&str; 0]);
    }

    #[test]
    fn the_table_is_well_formed() {
        let unique: BTreeSet<_> = PATHS.iter().map(|path| path.name).collect();
        assert_eq!(unique.len(), PATHS.len());
        for path in PATHS {
            assert!(path.reference.starts_with("https://docs.aws.amazon.com/"), "{}", path.name);
            assert!(path.actions.iter().all(|action| Action::parse(action).is_some()), "{}", path.name);
        }
    }
}
