use leash::project::*;
fn main() {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).stack_size(256 << 20).build().unwrap();
    pool.install(|| {
        let (mut apps, mut fns, mut res, mut py, mut respy) = (0, 0, 0, 0, 0);
        let verbose = std::env::var("V").is_ok();
        for path in std::env::args().skip(1) {
            let project = discover(std::path::Path::new(&path), &Options::default());
            for stack in project.stacks.iter().filter(|s| s.format == leash::iac::Format::CdkSource) {
                apps += 1;
                if verbose {
                    println!("== {path} {} functions {} resources", stack.functions.len(), stack.resources.len());
                }
            }
            for f in &project.functions {
                let Some(stack) = &f.stack else { continue };
                if stack.format != leash::iac::Format::CdkSource {
                    continue;
                }
                fns += 1;
                let ok = f.handler.is_resolved();
                if ok {
                    res += 1
                } else {
                    let m = f.notes.iter().map(|n| n.message.clone()).collect::<Vec<_>>().join(" | ");
                    println!("UNRES {path}: {} {:?} {:?} {m}", f.name, f.runtime, f.handler);
                }
                let _ = (&mut py, &mut respy);
                if verbose {
                    println!(
                        "  {} env={:?}",
                        f.name,
                        f.environment
                            .iter()
                            .map(|(k, v)| format!(
                                "{k}={}",
                                v.values.iter().map(|t| format!("{t:?}")).collect::<Vec<_>>().join("|")
                            ))
                            .collect::<Vec<_>>()
                    );
                    println!(
                        "    events={:?} settings={:?}",
                        f.events.iter().map(|e| format!("{:?} {:?}", e.kind, e.resource)).collect::<Vec<_>>(),
                        f.settings.iter().map(|s| s.kind).collect::<Vec<_>>()
                    );
                    println!(
                        "    declared={:?}",
                        f.declared
                            .iter()
                            .map(|d| match &d.source {
                                leash::iac::PolicySource::Grant { name, .. } => name.to_string(),
                                other => format!("{other:?}").chars().take(60).collect(),
                            })
                            .collect::<Vec<_>>()
                    );
                }
            }
        }
        println!("apps with functions {apps} functions {fns} resolved {res}");
    });
}
