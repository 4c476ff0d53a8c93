//! A published list of wanted people, read once a day if the house wants that: what is new on it is
//! taken over, what is on it no more goes, and all of it can be taken back at once.
//!
//! The list is input from outside. Its pictures are described as any photograph is, by the process that
//! looks at pictures; its people are on the watch list only and never among those who are known.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use hearth_audit::Class;
use hearth_auth::{HouseGrant, ask};
use hearth_eyes::{FacesIn, SeenFace};
use hearth_http::{HeaderMap, Method};
use hearth_model::{FaultKind, Severity, WallTime};
use tokio::{sync::OwnedMutexGuard, time::sleep};

use super::{
    document::{PublishedPerson, WatchedDocument, WatchedPerson, WatchedSource},
    published::{Listed, page_url, read_page},
    settings::{ImportSettings, LastImport},
    view::WatchListView,
};
use crate::{
    Hub,
    error::{Result, UseCaseError},
    house::House,
    identity::store_error,
    people::chosen,
    place::{Place, client_for, host_of, place_of},
};

/// Entries of one page, and pages of one heading.
const PAGE_ENTRIES: usize = 50;
const PAGES_MAX: usize = 40;

/// What a page and a picture may weigh.
const PAGE_BYTES_MAX: usize = 4 << 20;
const PICTURE_BYTES_MAX: usize = 8 << 20;

/// Nobody waits for it.
const DEADLINE: Duration = Duration::from_secs(30);

/// Pause between two questions: a public service is not to be stormed.
const PAUSE: Duration = Duration::from_millis(200);

/// Until the next reading, and until the next try.
const EVERY_MICROS: i64 = WallTime::MICROS_A_DAY;
const AGAIN_MICROS: i64 = WallTime::MICROS_A_DAY / 24;

/// Whoever a list named is watched for so long after it was last read.
const LASTS_MICROS: i64 = 30 * WallTime::MICROS_A_DAY;

/// Why a list was not read to its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
enum ImportError {
    #[error("There is no safe connection to the list.")]
    Unreachable,
    #[error("The service of the list refuses.")]
    Refused,
    #[error("What answers there is no such list.")]
    NotAList,
    #[error("The list has no end.")]
    Endless,
    #[error("It was switched off meanwhile.")]
    SwitchedOff,
}

impl Hub {
    /// Begins to read the published list; the list tells how it went.
    ///
    /// # Errors
    /// `import_off`, `busy`.
    pub async fn import_watch_list(
        &self,
        grant: &HouseGrant<ask::ManagePeople>,
    ) -> Result<WatchListView> {
        let house = self.house();
        let conflict = |code, text| UseCaseError::new(FaultKind::Conflict, code, text);
        if !house.watch_list.settings().import.is_on {
            return Err(conflict("import_off", "No published list is read. Switch that on first."));
        }
        let begun = house.begin_import();
        begun
            .ok_or_else(|| conflict("busy", "The list is being read. Wait until that is done."))?;
        house.watch_list_view(grant.principal()).await
    }

    /// Takes everybody off the watch list whom a published list named, and reads it no more.
    ///
    /// # Errors
    /// `proof_needed`.
    pub async fn forget_published(
        &self,
        grant: &HouseGrant<ask::ManagePeople>,
    ) -> Result<WatchListView> {
        self.proved(grant.principal()).await?;
        let house = self.house();
        let _changing = house.watch_list.changing().await;
        let mut settings = house.watch_list.settings();
        settings.import.is_on = false;
        settings.import.left_out.clear();
        house.keep_watch_list_settings(settings).await?;
        for person in house.watch_list.all() {
            if person.published().is_some() {
                house.erase_watched(person.id).await?;
            }
        }
        house.keep_snapshot().await;
        house.watch_list_view(grant.principal()).await
    }
}

/// Reads the list if it is time for that.
pub(crate) fn import_daily(house: &Arc<House>) {
    if !house.watch_list.settings().import.is_on {
        return;
    }
    let last = house.watch_list.last_import();
    let every = if last.error.is_some() { AGAIN_MICROS } else { EVERY_MICROS };
    let now = house.clock.wall_now();
    if last.at.is_none_or(|at| now.micros_since(at) >= every) {
        house.begin_import();
    }
}

impl House {
    /// Reads the list in a task of its own; `None` if one is at it already.
    fn begin_import(self: &Arc<Self>) -> Option<()> {
        let alone = self.watch_list.alone()?;
        let house = Arc::clone(self);
        tokio::spawn(async move {
            tokio::select! {
                () = house.import_published(&alone) => {}
                () = house.ended() => {}
            }
        });
        Some(())
    }

    async fn import_published(&self, _alone: &OwnedMutexGuard<()>) {
        let settings = self.watch_list.settings().import;
        let mut hosts: BTreeSet<String> =
            host_of(&settings.url).into_iter().map(|(host, _)| host).collect();
        let mut last = LastImport { at: Some(self.clock.wall_now()), ..LastImport::default() };
        // Before anything is asked: a connection to them is expected then.
        last.hosts = hosts.iter().cloned().collect();
        self.watch_list.imported(last.clone());
        let read = match read_list(&settings).await {
            Ok(listed) => {
                last.listed = listed.len();
                hosts.extend(listed.iter().filter_map(|one| Some(host_of(&one.picture)?.0)));
                last.hosts = hosts.into_iter().collect();
                self.watch_list.imported(last.clone());
                self.take_over(listed, &settings, &mut last).await
            }
            Err(error) => Err(error),
        };
        last.error = read.err().map(|error| error.to_string());
        let told = format!(
            "{}: {} listed, {} watched for, {} new, {} gone{}",
            last.hosts.join(", "),
            last.listed,
            last.kept,
            last.added,
            last.removed,
            last.error.as_ref().map_or_else(String::new, |error| format!("; {error}")),
        );
        self.record_own(Class::System, "watch_list_read", Severity::Info, told);
        if let Err(error) = self.store.put_setting(LastImport::KEY, &last).await {
            tracing::warn!(%error, "how the reading of a list ended was not kept");
        }
        self.watch_list.imported(last);
        self.keep_snapshot().await;
        self.status_changed();
    }

    /// Makes those who are listed the published part of the watch list.
    async fn take_over(
        &self,
        listed: Vec<Listed>,
        settings: &ImportSettings,
        last: &mut LastImport,
    ) -> std::result::Result<(), ImportError> {
        let known = self.watch_list.all().into_iter();
        let mut known: BTreeMap<String, WatchedPerson> =
            known.filter_map(|person| Some((person.published()?.uid.clone(), person))).collect();
        for one in listed {
            let before = known.remove(&one.uid);
            let entry = before.as_ref().and_then(WatchedPerson::published);
            let is_same = entry.is_some_and(|entry| entry.modified == one.modified);
            let face = if is_same { None } else { only_face(self, settings, &one).await };
            let (is_new, is_usable) = (before.is_none(), is_same || face.is_some());
            last.unusable += usize::from(!is_usable);
            last.kept += usize::from(is_usable || !is_new);
            last.added += usize::from(is_usable && is_new);
            if is_usable {
                self.take_over_one(one, before, face).await?;
            }
        }
        for person in known.into_values() {
            let _changing = self.watch_list.changing().await;
            match self.erase_watched(person.id).await {
                Ok(()) => last.removed += 1,
                Err(error) => tracing::warn!(%error, "a person was not taken off the watch list"),
            }
        }
        Ok(())
    }

    /// Takes somebody over; with a face if there is a new one.
    async fn take_over_one(
        &self,
        one: Listed,
        before: Option<WatchedPerson>,
        face: Option<SeenFace>,
    ) -> std::result::Result<(), ImportError> {
        let _changing = self.watch_list.changing().await;
        if !self.watch_list.settings().import.is_on {
            return Err(ImportError::SwitchedOff);
        }
        let now = self.clock.wall_now();
        let Listed { uid, class, name, reason, url, published, modified, .. } = one;
        let entry = PublishedPerson { uid, url, class, published, modified, seen_at: now };
        let document = WatchedDocument {
            name,
            reason,
            source: WatchedSource::Published(entry),
            ends_at: now.plus_micros(LASTS_MICROS),
            faces: Vec::new(),
        };
        // Somebody may have been taken off by hand meanwhile.
        let before = match before {
            Some(person) => match self.watch_list.get(person.id) {
                Some(person) => Some(person),
                None => return Ok(()),
            },
            None => None,
        };
        let kept = self.put_published(document, before, face.as_ref()).await;
        if let Err(error) = kept {
            tracing::warn!(%error, "a listed person was not taken over");
        }
        Ok(())
    }

    async fn put_published(
        &self,
        document: WatchedDocument,
        before: Option<WatchedPerson>,
        face: Option<&SeenFace>,
    ) -> Result<()> {
        let is_new = before.is_none();
        let mut person = match before {
            Some(mut person) => {
                let faces = std::mem::take(&mut person.document.faces);
                person.document = WatchedDocument { faces, ..document };
                person
            }
            None => self.new_watched(document)?,
        };
        let mut pictures = Vec::new();
        let mut old = Vec::new();
        if let Some(face) = face {
            old = std::mem::take(&mut person.document.faces);
            person.views.clear();
            pictures = self.take_view(&mut person, face)?;
        }
        if is_new {
            self.keep_new_watched(person, &pictures).await?;
        } else {
            self.keep_watched(person, &pictures).await?;
        }
        for face in old {
            self.store.remove_watched_picture(face.id).await.map_err(store_error)?;
        }
        Ok(())
    }
}

/// Everybody who is wanted under the headings that are wanted, as many as the house wants.
async fn read_list(settings: &ImportSettings) -> std::result::Result<Vec<Listed>, ImportError> {
    let mut people: Vec<Listed> = Vec::new();
    for class in &settings.classes {
        let mut seen = 0;
        for page in 1..=PAGES_MAX + 1 {
            if page > PAGES_MAX {
                return Err(ImportError::Endless);
            }
            let url = page_url(&settings.url, *class, PAGE_ENTRIES, page);
            let body = get(&settings.url, &url, PAGE_BYTES_MAX).await?;
            let read = read_page(&body, *class).ok_or(ImportError::NotAList)?;
            seen += read.entries;
            people.extend(read.people);
            if people.len() >= settings.most || read.entries == 0 || seen >= read.total {
                break;
            }
            sleep(PAUSE).await;
        }
    }
    let mut uids = BTreeSet::new();
    people.retain(|one| !settings.left_out.contains(&one.uid) && uids.insert(one.uid.clone()));
    people.truncate(settings.most);
    Ok(people)
}

/// The face of somebody who is listed, if their picture shows one and only one, well enough.
async fn only_face(house: &House, settings: &ImportSettings, one: &Listed) -> Option<SeenFace> {
    sleep(PAUSE).await;
    let (host, _) = host_of(&one.picture)?;
    let of_list = host_of(&settings.url).is_some_and(|(own, _)| own == host);
    // No list sends the hub to what is in the own network.
    if !of_list && place_of(&host) != Place::Outside {
        return None;
    }
    let jpeg = get(&one.picture, &one.picture, PICTURE_BYTES_MAX).await.ok()?;
    let faces = house.faces_in(FacesIn::Photo(jpeg)).await.ok()?;
    chosen(&faces, None).ok().cloned()
}

/// Gets something from where `base` is.
async fn get(
    base: &str,
    url: &str,
    bytes_max: usize,
) -> std::result::Result<bytes::Bytes, ImportError> {
    let client = client_for(base).deadline(DEADLINE).body_bytes_max(bytes_max).build();
    let asked = client.request(Method::GET, url, HeaderMap::new(), bytes::Bytes::new()).await;
    let answer = asked.map_err(|error| match error {
        hearth_http::Error::TooLarge => ImportError::NotAList,
        _ => ImportError::Unreachable,
    })?;
    if answer.status.is_success() { Ok(answer.body) } else { Err(ImportError::Refused) }
}
