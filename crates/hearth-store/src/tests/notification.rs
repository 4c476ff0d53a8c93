use hearth_model::{NotificationId, RecipientId, Severity, WallTime};

use super::{House, at};
use crate::{
    NewNotification, NotificationFilter, NotificationState, OUTBOX_BYTES_MAX, RecentMatter,
    StoreError, StoredMatter, StoredNotification, WAITING_PER_RECIPIENT_MAX,
};

fn matter(id: &str, severity: Severity, second: i64) -> StoredMatter {
    StoredMatter {
        id: id.to_owned(),
        kind: "ring".to_owned(),
        severity,
        camera: None,
        needs_answer: severity == Severity::Critical,
        opened_at: at(second),
        updated_at: at(second),
        acknowledged_at: None,
        acknowledged_by: None,
    }
}

fn row(recipient: RecipientId, step: u32, words: &str, due: i64) -> NewNotification {
    NewNotification {
        id: NotificationId::new(),
        recipient,
        step,
        payload: format!("sealed {words}").into_bytes(),
        digest: words.as_bytes().to_vec(),
        due_at: at(due),
        expires_at: at(due + 86_400),
    }
}

async fn due(house: &House, second: i64) -> Vec<StoredNotification> {
    house.store.due_notifications(at(second)).await.expect("read")
}

async fn words(house: &House, row: &StoredNotification) -> Option<Vec<u8>> {
    house.store.sealed_notification(row.id).await.expect("read").1
}

async fn queue(house: &House, matter: &StoredMatter, rows: &[NewNotification]) -> crate::Queued {
    house.store.queue_notifications(matter, rows).await.expect("queued")
}

#[tokio::test]
async fn one_matter_is_one_row_that_news_replaces_and_later_updates() {
    let house = House::new().await;
    let ben = RecipientId::new();
    let ring = matter("evt_1", Severity::Info, 0);
    assert_eq!(queue(&house, &ring, &[row(ben, 0, "rang", 0)]).await.queued, 1);
    assert_eq!(queue(&house, &ring, &[row(ben, 0, "rang", 0)]).await.unchanged, 1);
    assert_eq!(queue(&house, &ring, &[row(ben, 0, "Ben rang", 5)]).await.replaced, 1);
    let rows = due(&house, 0).await;
    let waiting = &rows[0];
    assert_eq!(words(&house, waiting).await.as_deref(), Some(&b"sealed Ben rang"[..]));
    house.store.notification_tried(waiting.id).await.expect("counted");
    house.store.notification_sent(waiting, at(1), Some("m7"), None).await.expect("marked");
    assert!(due(&house, 9).await.is_empty());
    let sent = house.store.notification(waiting.id).await.expect("read");
    assert_eq!((sent.state, sent.attempts, sent.has_words), (NotificationState::Sent, 1, false));
    assert_eq!(queue(&house, &ring, &[row(ben, 0, "Ben left", 9)]).await.queued, 1);
    let rows = due(&house, 9).await;
    let update = &rows[0];
    assert_eq!((update.id, update.reference.as_deref()), (waiting.id, Some("m7")));
}

/// News that comes while a message is on its way is not lost with it.
#[tokio::test]
async fn news_during_an_attempt_goes_out_after_it() {
    let house = House::new().await;
    let ben = RecipientId::new();
    let ring = matter("evt_1", Severity::Info, 0);
    queue(&house, &ring, &[row(ben, 0, "rang", 0)]).await;
    let tried = due(&house, 0).await.remove(0);
    queue(&house, &ring, &[row(ben, 0, "Ben rang", 0)]).await;
    house.store.notification_sent(&tried, at(1), Some("m7"), None).await.expect("marked");
    let update = due(&house, 1).await.remove(0);
    assert_eq!(words(&house, &update).await.as_deref(), Some(&b"sealed Ben rang"[..]));
    assert_eq!(update.reference.as_deref(), Some("m7"));
}

#[tokio::test]
async fn each_recipients_rows_come_in_order_and_only_when_due() {
    let house = House::new().await;
    let (ben, anna) = (RecipientId::new(), RecipientId::new());
    for second in 0..3 {
        let ring = matter(&format!("evt_{second}"), Severity::Info, second);
        queue(&house, &ring, &[row(ben, 0, "a", second), row(anna, 0, "b", 100)]).await;
    }
    let first = due(&house, 50).await;
    assert_eq!(first.iter().map(|row| row.matter.as_str()).collect::<Vec<_>>(), ["evt_0"]);
    assert_eq!(house.store.next_notification_due().await.expect("read"), Some(at(0)));
    house.store.hold_notification(first[0].id, at(70), None).await.expect("held");
    assert_eq!(due(&house, 50).await[0].matter, "evt_1");
    assert_eq!(due(&house, 100).await.len(), 2);
}

/// promise: D-29. Whoever answers stops what was still to be told, and what it would have said is
/// erased; a matter that becomes worse is told again.
#[tokio::test]
async fn an_acknowledgement_stops_every_row_until_the_matter_becomes_worse() {
    let house = House::new().await;
    let (ben, anna) = (RecipientId::new(), RecipientId::new());
    let fire = matter("inc_1", Severity::Warning, 0);
    queue(&house, &fire, &[row(ben, 0, "a", 0), row(anna, 1, "a", 300)]).await;
    let answered = house.store.acknowledge_matter("inc_1", "ben", at(5)).await.expect("known");
    assert_eq!(answered.acknowledged_by.as_deref(), Some("ben"));
    assert!(due(&house, 1_000).await.is_empty());
    let filter = NotificationFilter { limit: 10, ..NotificationFilter::default() };
    let rows = house.store.notifications(filter).await.expect("read");
    let stopped =
        |row: &StoredNotification| row.state == NotificationState::Acknowledged && !row.has_words;
    assert!(rows.iter().all(stopped) && rows.len() == 2);
    house.store.acknowledge_matter("inc_1", "anna", at(6)).await.expect("known");
    let again = house.store.matter("inc_1").await.expect("known");
    assert_eq!(again.acknowledged_by.as_deref(), Some("ben"), "the first is remembered");
    assert_eq!(queue(&house, &fire, &[row(ben, 0, "b", 7)]).await.unchanged, 1);
    let worse = matter("inc_1", Severity::Critical, 8);
    assert_eq!(queue(&house, &worse, &[row(ben, 0, "c", 8)]).await.queued, 1);
    assert_eq!(house.store.matter("inc_1").await.expect("known").acknowledged_at, None);
}

#[tokio::test]
async fn what_is_given_up_can_be_tried_again_while_its_words_are_kept() {
    let house = House::new().await;
    let ben = RecipientId::new();
    queue(&house, &matter("evt_1", Severity::Info, 0), &[row(ben, 0, "a", 0)]).await;
    let id = due(&house, 0).await[0].id;
    let early = house.store.replay_notification(id, at(1), at(2)).await;
    assert!(matches!(early, Err(StoreError::Conflict { .. })), "{early:?}");
    let expired = house.store.expire_notifications(at(86_400), "too old").await.expect("looked");
    assert_eq!(expired, 1);
    let dead = house.store.notification(id).await.expect("read");
    assert_eq!((dead.state, dead.error.as_deref()), (NotificationState::Dead, Some("too old")));
    house.store.replay_notification(id, at(9), at(99)).await.expect("again");
    assert_eq!(due(&house, 9).await[0].id, id);
    house.store.give_up_notification(id, "refused").await.expect("given up");
    house.store.prune_notifications(at(-9), at(500)).await.expect("pruned");
    assert!(house.store.replay_notification(id, at(9), at(99)).await.is_err());
    assert_eq!(house.store.prune_notifications(at(500), at(500)).await.expect("pruned"), 1);
    assert!(matches!(
        house.store.notification(id).await,
        Err(StoreError::NotFound { what: "notification" })
    ));
}

#[tokio::test]
async fn a_full_queue_gives_up_its_oldest_that_is_not_critical() {
    let house = House::new().await;
    let ben = RecipientId::new();
    queue(&house, &matter("inc_0", Severity::Critical, 0), &[row(ben, 0, "a", 0)]).await;
    for number in 1..WAITING_PER_RECIPIENT_MAX {
        let ring = matter(&format!("evt_{number}"), Severity::Info, 1);
        assert_eq!(queue(&house, &ring, &[row(ben, 0, "a", 0)]).await.crowded_out, 0);
    }
    let last = queue(&house, &matter("evt_last", Severity::Info, 2), &[row(ben, 0, "a", 0)]).await;
    assert_eq!((last.queued, last.crowded_out), (1, 1));
    let dead = NotificationFilter {
        state: Some(NotificationState::Dead),
        limit: 10,
        ..NotificationFilter::default()
    };
    let dead = house.store.notifications(dead).await.expect("read").remove(0);
    assert_eq!((dead.matter.as_str(), dead.has_words), ("evt_1", false), "nobody tells it again");
    let waiting = house.store.notifications_waiting().await.expect("read");
    assert_eq!(waiting[&ben], WAITING_PER_RECIPIENT_MAX);
    house.store.erase_notifications_of(ben).await.expect("erased");
    assert!(house.store.notification_counts().await.expect("read").is_empty());
}

#[tokio::test]
async fn who_was_told_lately_is_known_by_kind_and_severity() {
    let house = House::new().await;
    let ben = RecipientId::new();
    queue(&house, &matter("evt_1", Severity::Warning, 0), &[row(ben, 0, "a", 0)]).await;
    let asked = |matter, severity, since| RecentMatter {
        recipient: ben,
        matter,
        kind: "ring",
        camera: None,
        severity,
        since: at(since),
    };
    let told = async |asked| house.store.was_told_lately(asked).await.expect("read");
    assert!(told(asked("evt_2", Severity::Info, -60)).await);
    assert!(!told(asked("evt_1", Severity::Info, -60)).await, "it is the same matter");
    assert!(!told(asked("evt_2", Severity::Critical, -60)).await, "it is worse");
    assert!(!told(asked("evt_2", Severity::Info, 0)).await, "it was long ago");
    let row = due(&house, 0).await.remove(0);
    house.store.notification_sent(&row, at(3), None, None).await.expect("marked");
    let sent = house.store.notifications_sent_since(ben, at(0)).await.expect("read");
    assert_eq!(sent, (1, Some(at(3))));
    let never = WallTime::from_micros(i64::MAX);
    assert_eq!(house.store.notifications_sent_since(ben, never).await.expect("read"), (0, None));
}

/// What is worse, or has become another kind of matter, or is critical, is told anew: an edit of
/// what was told before makes no sound.
#[tokio::test]
async fn news_is_an_edit_unless_it_must_be_heard() {
    let house = House::new().await;
    let ben = RecipientId::new();
    let mut visit = matter("vis_1", Severity::Info, 0);
    visit.kind = "visit".to_owned();
    let told = async |matter: &StoredMatter, words: &str| {
        queue(&house, matter, &[row(ben, 0, words, 0)]).await;
        let row = due(&house, 0).await.remove(0);
        house.store.notification_sent(&row, at(1), Some("m7"), None).await.expect("marked");
        row.reference
    };
    assert_eq!(told(&visit, "somebody came").await, None);
    assert_eq!(told(&visit, "Ben came").await.as_deref(), Some("m7"));
    visit.kind = "ring".to_owned();
    assert_eq!(told(&visit, "Ben came").await, None, "he has rung now, in the same words");
    assert_eq!(told(&visit, "Ben and Anna ring").await.as_deref(), Some("m7"));
    visit.severity = Severity::Warning;
    assert_eq!(told(&visit, "Ben rings again").await, None);
    visit.severity = Severity::Critical;
    assert_eq!(told(&visit, "it burns").await, None);
    assert_eq!(told(&visit, "it still burns").await, None);
    assert_eq!(house.store.matter("vis_1").await.expect("known").kind, "ring");
}

/// However many pictures nobody takes: the disk is not filled with them.
#[tokio::test]
async fn the_outbox_is_bounded_in_bytes() {
    let house = House::new().await;
    let ben = RecipientId::new();
    let mib = 1 << 20;
    let with_picture = || NewNotification { payload: vec![7; mib], ..row(ben, 0, "a", 0) };
    let fits = usize::try_from(OUTBOX_BYTES_MAX).expect("small") / mib;
    queue(&house, &matter("inc_0", Severity::Critical, 0), &[with_picture()]).await;
    for number in 1..fits {
        let ring = matter(&format!("evt_{number}"), Severity::Info, 1);
        assert_eq!(queue(&house, &ring, &[with_picture()]).await.crowded_out, 0);
    }
    let given_up = due(&house, 0).await.remove(0).id;
    house.store.give_up_notification(given_up, "refused").await.expect("given up");
    let more = async |id| queue(&house, &matter(id, Severity::Info, 2), &[with_picture()]).await;
    assert_eq!(more("evt_more").await.crowded_out, 0, "what was given up goes first");
    let erased = house.store.notification(given_up).await.expect("read");
    assert_eq!((erased.has_words, erased.error.as_deref()), (false, Some("refused")));
    assert_eq!(more("evt_most").await.crowded_out, 1);
    let oldest =
        NotificationFilter { state: Some(NotificationState::Dead), limit: 1, ..Default::default() };
    let oldest = house.store.notifications(oldest).await.expect("read").remove(0);
    assert_eq!((oldest.matter.as_str(), oldest.has_words), ("evt_1", false));
}
