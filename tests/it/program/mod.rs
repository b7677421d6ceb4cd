//! Runs the built binary, apart from the person's home and AWS settings, and never without a bound.

pub(crate) mod console;

use std::io::Read;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// The longest that anything is waited for. Generous: a slow machine must not fail a test, a hang must.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Whether a deadline has passed; the one place where the tests read the clock.
pub(crate) struct Deadline(Instant);

impl Deadline {
    #[expect(clippy::disallowed_methods, reason = "a bound on real processes is real time")]
    pub(crate) fn after(limit: Duration) -> Self {
        Self(Instant::now() + limit)
    }

    pub(crate) fn left(&self) -> Duration {
        #[expect(clippy::disallowed_methods, reason = "a bound on real processes is real time")]
        self.0.saturating_duration_since(Instant::now())
    }

    pub(crate) fn passed(&self) -> bool {
        self.left().is_zero()
    }
}

/// A home of its own and an environment with nothing in it that the test did not put there.
pub(crate) struct Sandbox {
    home: TempDir,
    env: Vec<(String, String)>,
}

impl Sandbox {
    pub(crate) fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let path = std::env::var("PATH").unwrap_or_else(|_| "/usr/bin:/bin".to_owned());
        let mut env = vec![("PATH".to_owned(), path), ("HOME".to_owned(), at(home.path(), ""))];
        for (name, dir) in [
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_STATE_HOME", "state"),
            ("XDG_CACHE_HOME", "cache"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_RUNTIME_DIR", "run"),
        ] {
            env.push((name.to_owned(), at(home.path(), dir)));
        }
        for (name, value) in [("TZ", "UTC"), ("LANG", "C.UTF-8"), ("TERM", "xterm-256color")] {
            env.push((name.to_owned(), value.to_owned()));
        }
        Self { home, env }
    }

    /// The sandbox of somebody with static credentials whose AWS is at `endpoint`.
    pub(crate) fn with_endpoint(endpoint: &str) -> Self {
        Self::new()
            .env("AWS_ENDPOINT_URL", endpoint)
            .env("AWS_ACCESS_KEY_ID", "testing")
            .env("AWS_SECRET_ACCESS_KEY", "testing")
            .env("AWS_REGION", "ap-northeast-1")
    }

    pub(crate) fn env(mut self, name: &str, value: &str) -> Self {
        self.env.retain(|(n, _)| n != name);
        self.env.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn without(mut self, name: &str) -> Self {
        self.env.retain(|(n, _)| n != name);
        self
    }

    pub(crate) fn home(&self) -> &Path {
        self.home.path()
    }

    pub(crate) fn variables(&self) -> &[(String, String)] {
        &self.env
    }

    /// `awswatch ARGS` to its end, with nothing on standard input.
    pub(crate) fn run(&self, args: &[&str]) -> Run {
        self.run_program(env!("CARGO_BIN_EXE_awswatch"), args)
    }

    /// Another program in this sandbox, to its end.
    pub(crate) fn run_program(&self, program: &str, args: &[&str]) -> Run {
        let mut child = self.spawn(program, args);
        let stdout = collect(child.stdout.take().unwrap());
        let stderr = collect(child.stderr.take().unwrap());
        let deadline = Deadline::after(PATIENCE);
        let code = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status.code();
            }
            if deadline.passed() {
                child.kill().unwrap();
                child.wait().unwrap();
                let (out, err) = (stdout.join().unwrap(), stderr.join().unwrap());
                panic!("{program} {args:?} did not end within {PATIENCE:?}\n--- stdout\n{out}\n--- stderr\n{err}");
            }
            std::thread::sleep(Duration::from_millis(5));
        };
        Run { code, stdout: stdout.join().unwrap(), stderr: stderr.join().unwrap() }
    }

    /// Starts another program in this sandbox, its outputs in pipes.
    pub(crate) fn spawn(&self, program: &str, args: &[&str]) -> Child {
        Command::new(program)
            .args(args)
            .env_clear()
            .envs(self.env.iter().map(|(n, v)| (n, v)))
            .current_dir(self.home())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|e| panic!("{program}: {e}"))
    }
}

fn at(home: &Path, dir: &str) -> String {
    home.join(dir).to_str().unwrap().to_owned()
}

fn collect(mut pipe: impl Read + Send + 'static) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        pipe.read_to_end(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// How a program ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Run {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Run {
    /// Fails unless it ended with `code`; says everything it printed.
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "\n--- stdout\n{}\n--- stderr\n{}", self.stdout, self.stderr);
        self
    }

    /// Fails unless standard output holds `text`.
    #[track_caller]
    pub(crate) fn prints(self, text: &str) -> Self {
        assert!(self.stdout.contains(text), "no {text:?} in\n{}\n--- stderr\n{}", self.stdout, self.stderr);
        self
    }

    /// Fails unless standard error holds `text`.
    #[track_caller]
    pub(crate) fn complains(self, text: &str) -> Self {
        assert!(self.stderr.contains(text), "no {text:?} in\n{}\n--- stdout\n{}", self.stderr, self.stdout);
        self
    }

    /// Both outputs, for what may stand in either.
    pub(crate) fn everything(&self) -> String {
        format!("{}{}", self.stdout, self.stderr)
    }
}

/// A server that was started for a test: its address once it has said it, and its end when this is dropped.
pub(crate) struct Server {
    child: Child,
    pub(crate) endpoint: String,
}

impl Server {
    /// Starts `program ARGS` and waits for it to print `http://ADDRESS` on either output.
    pub(crate) fn start(sandbox: &Sandbox, program: &str, args: &[&str]) -> Self {
        let mut child = sandbox.spawn(program, args);
        let (sender, lines) = std::sync::mpsc::channel();
        let outputs: [Box<dyn Read + Send>; 2] =
            [Box::new(child.stdout.take().unwrap()), Box::new(child.stderr.take().unwrap())];
        for output in outputs {
            let sender = sender.clone();
            std::thread::spawn(move || {
                // Read on after the address was found: a full pipe would stop the server.
                for line in std::io::BufRead::lines(std::io::BufReader::new(output)).map_while(Result::ok) {
                    let _ = sender.send(line);
                }
            });
        }
        drop(sender);
        let mut server = Self { child, endpoint: String::new() };
        let deadline = Deadline::after(PATIENCE);
        let mut said = Vec::new();
        while let Ok(line) = lines.recv_timeout(deadline.left()) {
            if let Some((_, rest)) = line.split_once("http://") {
                let address: String =
                    rest.chars().take_while(|c| c.is_ascii_alphanumeric() || ".:".contains(*c)).collect();
                server.endpoint = format!("http://{}", address.trim_end_matches(['.', ':']));
                return server;
            }
            said.push(line);
        }
        panic!("{program} {args:?} printed no address, but:\n{}", said.join("\n"));
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
