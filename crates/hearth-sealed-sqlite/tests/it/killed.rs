//! What a kill in the middle of writing leaves.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    path::Path,
    process::{Command, Stdio},
};

use hearth_sealed_sqlite::unlock;

use crate::database::{BEGIN, Place, check, connect, key, number, run};

/// In the environment of the child: which database it writes to.
const PATH: &str = "HEARTHWATCH_TEST_WRITES_TO";

/// Commits until it is killed, and tells of each commit.
async fn write_until_killed(path: &Path) {
    let _unlocked = unlock(path, &key()).expect("unlocked");
    let mut writer = connect(path).await.expect("opened");
    run(&mut writer, BEGIN).await;
    run(&mut writer, "PRAGMA wal_autocheckpoint = 30; PRAGMA cache_size = 10").await;
    let mut out = std::io::stdout();
    loop {
        let sql = "INSERT INTO facts (text) SELECT hex(randomblob(600)) FROM
                   (SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4)";
        run(&mut writer, sql).await;
        let told =
            writeln!(out, "\ncommitted {}", number(&mut writer, "SELECT max(id) FROM facts").await);
        told.and_then(|()| out.flush()).expect("somebody listens");
    }
}

/// promise: V-18. Whenever the writer is killed, the next one finds a sound database with
/// everything that was committed, and no half transaction.
#[tokio::test]
async fn a_killed_writer_leaves_a_sound_database() {
    if let Some(path) = std::env::var_os(PATH) {
        write_until_killed(Path::new(&path)).await;
    }
    let place = Place::new();
    let mut committed = 0;
    for lines in [1, 7, 40, 95, 160] {
        let name = "killed::a_killed_writer_leaves_a_sound_database";
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", name, "--nocapture"])
            .env(PATH, &place.path)
            .stdout(Stdio::piped())
            .spawn()
            .expect("started");
        let told = BufReader::new(child.stdout.take().expect("piped")).lines();
        let told = told.map_while(Result::ok);
        let mut numbers = told.filter_map(|line| line.strip_prefix("committed ")?.parse().ok());
        let last: i64 = numbers.nth(lines).expect("it commits");
        child.kill().expect("killed");
        // What it told between the last line read and its end.
        committed = numbers.last().unwrap_or(last);
        child.wait().expect("ended");
        let mut opened = connect(&place.path).await.expect("opened");
        assert_eq!(check(&mut opened).await, "ok");
        let found = number(&mut opened, "SELECT count(*) FROM facts").await;
        assert!(found >= committed && found % 4 == 0, "{found} of {committed}");
    }
    assert!(committed > 300);
}
