//! What was looked at, as an archive that is made while somebody takes it.

use std::sync::Arc;

use bytes::Bytes;
use hearth_auth::{HouseGrant, Principal, ask};
use hearth_model::{FaultKind, ReviewState};
use hearth_store::{REVIEWS_PER_PAGE_MAX, ReviewFilter, StoredReview};
use tokio::sync::mpsc;

use super::{
    PAGES_READ_MAX,
    dataset::{DatasetFormat, LabelledPicture, label_files},
    document::ReviewDocument,
    stored_zip::{StoredZip, TooLarge},
};
use crate::{
    Hub,
    error::{Result, UseCaseError},
    house::House,
    identity::store_error,
};

/// Pictures of one archive, the newest first: some 200 MB.
const PICTURES_MAX: usize = 2_000;

/// Pieces made ahead of whoever takes them; a picture is one.
const PIECES_MAX: usize = 4;

/// An archive being made.
#[derive(Debug)]
pub struct ReviewArchive {
    pieces: mpsc::Receiver<std::result::Result<Bytes, ReviewArchiveFailed>>,
}

/// The archive could not be completed; the log says why. What was handed out has no end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the archive could not be completed")]
pub struct ReviewArchiveFailed;

impl ReviewArchive {
    /// The next piece; `None` behind the end.
    ///
    /// # Errors
    /// [`ReviewArchiveFailed`], and nothing follows.
    pub async fn next(&mut self) -> Option<std::result::Result<Bytes, ReviewArchiveFailed>> {
        self.pieces.recv().await
    }
}

impl Hub {
    /// Pictures with this state and their labels as a ZIP archive, of cameras that one may set up and
    /// whose footage one may take out of the house. At most 2,000, the newest.
    ///
    /// # Errors
    /// `nothing_to_export`.
    pub async fn export_reviews(
        &self,
        grant: &HouseGrant<ask::ReadEvents>,
        format: DatasetFormat,
        state: ReviewState,
    ) -> Result<ReviewArchive> {
        let house = Arc::clone(self.house());
        let chosen = house.reviews_to_export(grant.principal(), state).await?;
        if chosen.is_empty() {
            let text = "There is nothing to export: nobody has looked at a picture yet.";
            return Err(UseCaseError::new(FaultKind::Conflict, "nothing_to_export", text));
        }
        let (sender, pieces) = mpsc::channel(PIECES_MAX);
        tokio::spawn(async move {
            if let Err(TooLarge) = write(&house, format, chosen, &sender).await {
                tracing::error!("an archive of pictures grew too large");
                sender.send(Err(ReviewArchiveFailed)).await.ok();
            }
        });
        Ok(ReviewArchive { pieces })
    }
}

type Pieces = mpsc::Sender<std::result::Result<Bytes, ReviewArchiveFailed>>;

impl House {
    async fn reviews_to_export(
        &self,
        who: &Principal,
        state: ReviewState,
    ) -> Result<Vec<(StoredReview, ReviewDocument)>> {
        let (limit, state) = (REVIEWS_PER_PAGE_MAX, Some(state));
        let mut filter = ReviewFilter { state, limit, ..ReviewFilter::default() };
        let mut chosen = Vec::new();
        for _ in 0..PAGES_READ_MAX {
            let page = self.store.reviews(&filter).await.map_err(store_error)?;
            let Some(last) = page.last() else { break };
            filter.before = Some(last.cursor());
            let may_take = |stored: &StoredReview| {
                let may_export = self.policy.camera::<ask::Export>(who, stored.camera).is_ok();
                may_export && self.may_review(who, stored.camera)
            };
            for stored in page.into_iter().filter(may_take) {
                // Of a camera that is being removed nothing can be read any more.
                if let Ok(document) = self.review_document(&stored) {
                    chosen.push((stored, document));
                }
            }
            if chosen.len() >= PICTURES_MAX {
                break;
            }
        }
        chosen.truncate(PICTURES_MAX);
        Ok(chosen)
    }
}

/// Pictures first, and then the labels of those that were still there.
async fn write(
    house: &House,
    format: DatasetFormat,
    chosen: Vec<(StoredReview, ReviewDocument)>,
    pieces: &Pieces,
) -> std::result::Result<(), TooLarge> {
    let mut zip = StoredZip::default();
    let mut labelled = Vec::new();
    for (stored, document) in chosen {
        let Ok(jpeg) = house.read_review_picture(&stored).await else { continue };
        let ReviewDocument { width, height, boxes, .. } = document;
        let picture = LabelledPicture { id: stored.id, width, height, boxes };
        if !add(&mut zip, &picture.path(), jpeg, pieces).await? {
            return Ok(());
        }
        labelled.push(picture);
    }
    for (name, content) in label_files(format, &labelled) {
        if !add(&mut zip, &name, content.into(), pieces).await? {
            return Ok(());
        }
    }
    // Whoever took it may have gone away behind the last file.
    pieces.send(Ok(zip.finish()?.into())).await.ok();
    Ok(())
}

/// Adds a file; whether anybody still takes it.
async fn add(
    zip: &mut StoredZip,
    name: &str,
    content: Bytes,
    pieces: &Pieces,
) -> std::result::Result<bool, TooLarge> {
    let header = zip.begin_file(name, &content)?;
    let is_taken = pieces.send(Ok(header.into())).await.is_ok();
    Ok(is_taken && (content.is_empty() || pieces.send(Ok(content)).await.is_ok()))
}
