//! `awswatch sim`: the simulator on a loopback port.

use super::demo;
use crate::cli::{SimArgs, Speed, WorldArgs};
use crate::clock::Clock;
use crate::sim;

/// Serves until a signal ends it. Real clients ask for real times, so the world begins at the present moment unless
/// `--start` says otherwise.
pub(super) fn serve(args: &SimArgs) -> anyhow::Result<u8> {
    let speed = match args.world.speed.unwrap_or(Speed::Times(1.0)) {
        Speed::Times(times) => times,
        Speed::Max => anyhow::bail!("--speed max is for --demo: a listening simulator's clients live in real time"),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let epoch = args.world.start.unwrap_or_else(|| Clock::system().now());
        let clock = Clock::simulated(epoch, speed);
        let world = WorldArgs { start: Some(epoch), ..args.world.clone() };
        let simulator = demo::simulator(&args.scenario, &world, clock)?;
        let mut signals = super::signals::Signals::install()?;
        let listening = sim::listen(simulator, args.listen).await?;
        let address = listening.address();
        let age = demo::age(&world)?;
        super::say(&format!(
            "simulated AWS on http://{address}: {}, {age:#} old, seed {}, speed {speed}\n\
             export AWS_ENDPOINT_URL=http://{address} AWS_REGION={} AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test\n\
             # AWS_ACCESS_KEY_ID={} is the account {}, any other key is {}\n",
            args.scenario,
            args.world.seed(),
            demo::HOME_REGION,
            sim::Account::Staging.access_key(),
            sim::Account::Staging.alias(),
            sim::Account::Main.alias(),
        ));
        let mut code = 0;
        listening
            .serve(async {
                code = u8::try_from(128 + signals.ended().await).unwrap_or(u8::MAX);
            })
            .await;
        Ok(code)
    })
}
