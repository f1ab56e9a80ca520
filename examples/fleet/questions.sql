-- Questions to a fleet. Run with `python ask.py answers [--table NAME]`, or with DuckDB's own shell from the folder of the
-- answers after `SET VARIABLE table_name = 'orders';`. A comment above a SELECT is its title.

CREATE TEMP VIEW functions AS FROM read_parquet('functions/*.parquet');
CREATE TEMP VIEW roles AS FROM read_parquet('roles/*.parquet');
CREATE TEMP VIEW runs AS FROM read_parquet('runs/*.parquet');

-- One row per function, action and resource of its inferred policy.
CREATE TEMP VIEW permissions AS
WITH statements AS (SELECT repository, name, unnest(statements) AS statement FROM functions),
     actions AS (SELECT repository, name, statement, unnest(statement.actions) AS action FROM statements)
SELECT repository, name, action, unnest(statement.resources) AS resource, statement.access_level AS access_level,
       statement.confidence AS confidence,
       list_transform(statement.evidence, lambda e: coalesce(e.file || ':' || e.line, e.setting)) AS evidence
FROM actions;

-- What was looked at
SELECT count(DISTINCT repository) AS repositories, count(*) AS functions, count(*) FILTER (analyzed) AS analyzed,
       count(*) FILTER (complete) AS "fully resolved", sum(len(statements)) AS statements
FROM functions;

-- Where leash had no answer, and why
SELECT regexp_extract(errors, 'error: ([^\n]*?) in [^\n]*', 1) AS why, count(DISTINCT repository) AS repositories
FROM runs WHERE exit <> 0 GROUP BY ALL ORDER BY repositories DESC, why LIMIT 5;

-- Which functions may delete from the table
-- The names in ARNs are patterns: `orders-*` and `*` are about the table `orders-eu`, too. `certain` is false for those.
WITH deleting AS (
    SELECT *, regexp_extract(resource, ':table/([^/]+)$', 1) AS pattern
    FROM permissions
    WHERE action IN ('dynamodb:DeleteItem', 'dynamodb:BatchWriteItem', 'dynamodb:PartiQLDelete', 'dynamodb:DeleteTable')
)
SELECT repository, name, list(DISTINCT action ORDER BY action) AS actions,
       bool_or(pattern = getvariable('table_name')) AS certain, any_value(evidence[1]) AS because
FROM deleting
WHERE resource = '*' OR getvariable('table_name') GLOB pattern
GROUP BY ALL ORDER BY certain DESC, repository, name LIMIT 10;

-- Which tables are deleted from by the most functions
SELECT regexp_extract(resource, ':table/([^/]+)$', 1) AS "table", count(DISTINCT (repository, name)) AS functions
FROM permissions
WHERE action IN ('dynamodb:DeleteItem', 'dynamodb:PartiQLDelete', 'dynamodb:DeleteTable') AND "table" <> ''
GROUP BY ALL ORDER BY functions DESC, "table" LIMIT 5;

-- Which roles are shared
-- Roles of a template are told apart by their template, roles of the account by their ARN alone.
SELECT role.name AS role, CASE role.kind WHEN 'declared' THEN repository || '/' || template.file ELSE '(not declared)' END AS "where",
       count(*) AS functions, list(name ORDER BY name)[:4] AS "for example", max(allowed_actions) AS allowed
FROM roles
WHERE role.kind IN ('declared', 'external') AND (role.kind = 'declared' OR role.name LIKE 'arn:%')
GROUP BY ALL HAVING count(*) > 1 ORDER BY functions DESC, role, "where" LIMIT 10;

-- Where the gap between what a role allows and what its code needs is widest
-- Among functions whose code was resolved completely, so that what nothing uses is not needed.
SELECT d.repository || '/' || d.template.file AS "where", coalesce(d.role.name, d.name) AS role, count(*) AS functions, max(d.allowed_actions) AS allowed,
       max(d.needed_actions) AS needed, max(d.allowed_actions - d.needed_actions) AS gap
FROM roles d JOIN functions f USING (repository, name)
WHERE d.compared AND f.complete
GROUP BY "where", coalesce(d.role.name, d.name) ORDER BY gap DESC, "where", role LIMIT 10;

-- Which findings are the most frequent
SELECT finding.id, finding.name, finding.severity, count(*) AS "on functions"
FROM (SELECT unnest(findings) AS finding FROM roles)
GROUP BY ALL ORDER BY "on functions" DESC, finding.id LIMIT 8;

-- Which functions hold permissions to change permissions
SELECT repository, name, list(DISTINCT action ORDER BY action)[:4] AS actions
FROM permissions WHERE access_level LIKE 'Permissions%'
GROUP BY ALL ORDER BY len(actions) DESC, repository, name LIMIT 5;
