//! Finds, aligns, describes and recognises faces: arithmetic on pictures and templates.
//!
//! Pure: pictures and weights go in, faces, templates and decisions come out; no clock, no thread,
//! no file, so it runs as it is in the sandboxed worker. Unsure means unknown: whoever is not
//! clearly one person is nobody. Pictures and templates are wiped when dropped.
//! Not here: decoding pictures, YuNet's network (`hearth-eyes`), and who consented to be known.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::panic, clippy::let_underscore_must_use, reason = "tests"))]

mod align;
mod best_shot;
mod evaluation;
mod finder;
mod gallery;
mod layers;
mod model;
mod networks;
mod operating_point;
mod picture;
mod quality;
mod reader;
mod template;
mod track_vote;
mod visitors;
mod weights;
mod yunet;

pub use align::{FACE_POINTS, FacePoints};
pub use best_shot::BestShot;
pub use evaluation::{
    Comparison, DetCurve, DetRow, LabelledPair, PAIRS_MAX, PairsError, SearchRates, read_pairs,
    search_rates,
};
pub use finder::{BuiltInFinder, FACES_MAX, FaceFinder, FoundFace, Thorough, surest_faces};
pub use gallery::{
    GALLERY_TEMPLATES_MAX, Gallery, GalleryFull, Identity, Nearest, PERSON_REJECTIONS_MAX,
    PERSON_TEMPLATES_MAX, UnknownReason,
};
pub use model::{FACE_MODEL_SHA256, FaceModel, embedded_face_model};
pub use operating_point::OperatingPoint;
pub use picture::{Picture, PictureError};
pub use quality::{Flaw, Quality};
pub use reader::{FaceReader, FaceReading, Indescribable};
pub use template::{NotATemplate, TEMPLATE_BYTES, TEMPLATE_NUMBERS, Template};
pub use track_vote::{SHARE_MIN, TrackVote, VIEWS_MIN, Verdict};
pub use visitors::{VISITORS_MAX, Visit, VisitorNumber, Visitors};
pub use weights::{ManifestError, Pack, PackError, Sha256Sum, StoredTensor, read_manifest};
pub use yunet::{YUNET_OUTPUTS, YUNET_SHA256, YunetInput, YunetOutput};
