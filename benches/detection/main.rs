//! How soon an incident is told: by the console's own rules, by CloudWatch's alarms evaluated here, and by CloudWatch.
//!
//! `cargo bench --bench detection` lives through a thousand seeded incidents of the simulated account, each on the console's
//! own core in simulated time, and writes `docs/detection.md`.

mod live;
mod report;

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use awswatch::sim::scenario::Scenario;
use clap::Parser;
use jiff::SignedDuration;

use live::{Delays, Run, Told};

/// Measures how soon incidents of the simulated account are told, and writes docs/detection.md.
#[derive(Clone, Debug, Parser)]
struct Args {
    /// At least so many incidents, shared out among the scenarios.
    #[arg(long, default_value_t = 1000)]
    incidents: usize,
    /// So many worlds in which nothing happens, for the false alerts.
    #[arg(long, default_value_t = 24)]
    calm_worlds: usize,
    /// Hours that each of those is watched.
    #[arg(long, default_value_t = 4)]
    calm_hours: u32,
    /// Seconds by which CloudWatch's points come later than the simulator has them.
    #[arg(long, default_value_t = 0)]
    publishing: u32,
    /// Seconds between the end of the newest period that CloudWatch's alarms look at and the look.
    #[arg(long, default_value_t = 60)]
    evaluation: u32,
    /// Seconds from an alarm's turn until somebody has its e-mail.
    #[arg(long, default_value_t = 30)]
    mail: u32,
    /// How many runs go on at once [default: as many as there are cores].
    #[arg(long)]
    threads: Option<usize>,
    /// Only this scenario.
    #[arg(long)]
    scenario: Option<Scenario>,
    /// Where to write it; - for standard output.
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/detection.md"))]
    output: PathBuf,
    /// What cargo says to a benchmark.
    #[arg(long, hide = true)]
    bench: bool,
}

#[expect(clippy::print_stdout, clippy::print_stderr, reason = "this is what it is run for")]
fn main() -> anyhow::Result<()> {
    let args = Args::parse();
    let runs = runs(&args);
    let calm = SignedDuration::from_hours(args.calm_hours.into());
    let threads = args.threads.or_else(|| std::thread::available_parallelism().ok().map(Into::into)).unwrap_or(1);
    let (next, done) = (AtomicUsize::new(0), Mutex::new(Vec::<(usize, Told)>::new()));
    std::thread::scope(|scope| {
        let work = || -> anyhow::Result<()> {
            loop {
                let n = next.fetch_add(1, Ordering::Relaxed);
                let Some(run) = runs.get(n) else { return Ok(()) };
                let told = live::live(run, calm)?;
                let mut done = done.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                done.push((n, told));
                if done.len() % 25 == 0 {
                    eprintln!("{} of {} runs", done.len(), runs.len());
                }
            }
        };
        let threads: Vec<_> = (0..threads.max(1)).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|t| t.join().unwrap_or_else(|_| anyhow::bail!("a run panicked")))
    })?;
    let mut done = done.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    // The same text however the threads took turns.
    done.sort_by_key(|(n, _)| *n);
    let told: Vec<Told> = done.into_iter().map(|(_, told)| told).collect();
    let text = report::report(&args, &told);
    if args.output.as_os_str() == "-" {
        print!("{text}");
        return Ok(());
    }
    std::fs::write(&args.output, text)?;
    eprintln!("{}", args.output.display());
    Ok(())
}

/// What is lived through: every scenario as often as every other, by incidents.
fn runs(args: &Args) -> Vec<Run> {
    let delays = Delays { publishing: args.publishing, evaluation: args.evaluation };
    let scenarios: Vec<Scenario> = Scenario::ALL.into_iter().filter(|s| *s != Scenario::Calm).collect();
    let share = args.incidents.div_ceil(scenarios.len());
    let wanted = |s: &Scenario| args.scenario.is_none_or(|only| only == *s);
    let mut runs = Vec::new();
    for scenario in scenarios.into_iter().filter(wanted) {
        let times = share.div_ceil(live::incidents(scenario).len().max(1));
        runs.extend((1..=times).map(|seed| Run::new(scenario, seed as u64, delays)));
    }
    if wanted(&Scenario::Calm) {
        runs.extend((1..=args.calm_worlds).map(|seed| Run::new(Scenario::Calm, seed as u64, delays)));
    }
    runs
}
