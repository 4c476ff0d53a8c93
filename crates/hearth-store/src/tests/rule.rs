//! Rules of the house and their runs.

use hearth_model::{RuleId, WallTime};

use super::House;
use crate::{RULE_RUNS_MAX, StoredRule};

fn rule(id: RuleId, sealed: &[u8]) -> StoredRule {
    let at = WallTime::from_micros(1_000);
    StoredRule { id, sealed: sealed.to_vec(), created_at: at, changed_at: at }
}

#[tokio::test]
async fn a_rule_is_changed_in_its_place_and_goes_with_its_runs() {
    let house = House::new().await;
    let store = &house.store;
    let (first, second) = (RuleId::new(), RuleId::new());
    for id in [first, second] {
        store.put_rule(&rule(id, b"one")).await.expect("written");
    }
    let changed = StoredRule { changed_at: WallTime::from_micros(2_000), ..rule(first, b"two") };
    store.put_rule(&changed).await.expect("written");
    let all = store.rules().await.expect("read");
    assert_eq!(all.len(), 2);
    assert!(all.contains(&changed));
    let snapshot = store.snapshot().await.expect("taken");
    let run = store.add_rule_run(first, WallTime::from_micros(5), b"pending").await.expect("kept");
    store.add_rule_run(second, WallTime::from_micros(6), b"other").await.expect("kept");
    store.update_rule_run(run, b"done").await.expect("kept");
    let runs = store.rule_runs(None, None, 10).await.expect("read");
    let sealed: Vec<&[u8]> = runs.iter().map(|run| run.sealed.as_slice()).collect();
    assert_eq!(sealed, [b"other".as_slice(), b"done"]);
    let older = store.rule_runs(None, Some(runs[0].id), 10).await.expect("read");
    assert_eq!(older.len(), 1);
    store.remove_rule(first).await.expect("removed");
    assert!(store.rule_runs(Some(first), None, 10).await.expect("read").is_empty());
    assert!(store.remove_rule(first).await.is_err());
    store.restore(&snapshot).await.expect("put back");
    assert_eq!(store.rules().await.expect("read").len(), 2);
    let removed = store.remove_rule_runs_before(WallTime::from_micros(7)).await.expect("removed");
    assert_eq!(removed, 1);
}

#[tokio::test]
async fn the_oldest_runs_go_when_there_are_too_many() {
    let house = House::new().await;
    let store = &house.store;
    let rule = RuleId::new();
    let first = store.add_rule_run(rule, WallTime::from_micros(1), b"x").await.expect("kept");
    // As if ten thousand had come since.
    let mut write = store.begin().await.expect("begun");
    sqlx::query("INSERT INTO rule_runs (id, rule, at_us, sealed) VALUES ($1, $2, 2, $3)")
        .bind(first + RULE_RUNS_MAX as i64 - 1)
        .bind(rule.as_bytes().to_vec())
        .bind(b"y".to_vec())
        .execute(write.connection())
        .await
        .expect("written");
    write.commit().await.expect("committed");
    store.add_rule_run(rule, WallTime::from_micros(3), b"z").await.expect("kept");
    let runs = store.rule_runs(Some(rule), None, 10).await.expect("read");
    assert_eq!(runs.len(), 2);
    assert!(runs.iter().all(|run| run.id > first));
}
