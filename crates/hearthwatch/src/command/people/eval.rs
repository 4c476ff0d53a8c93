//! `people eval`: how well faces are recognised, on pictures of which it is known who is in them.
//!
//! Pictures and templates are in memory only, and are wiped when they are no longer needed.

use std::{fs, path::Path, time::Duration};

use hearth_eyes::{PHOTO_BYTES_MAX, Yunet, read_photo};
use hearth_face::{
    Comparison, DetCurve, DetRow, FaceFinder, FaceModel, FoundFace, OperatingPoint, SearchRates,
    Sha256Sum, Template, Thorough, YUNET_SHA256, search_rates,
};
use indicatif::ProgressBar;
use rustix::time::{ClockId, clock_gettime};
use serde::Serialize;

use super::labelled::Labelled;
use crate::{arguments::EvalArguments, face_model, failure::Failure, output};

/// False match rates for which a threshold is looked for.
const WANTED_RATES: [f64; 3] = [0.05, 0.01, 0.001];

/// What was measured. The first fields are a contract with scripts.
#[derive(Serialize)]
struct Report {
    /// Pairs in the set.
    pairs: usize,
    /// Pairs that could not be compared, because there is no face in one of the pictures or it
    /// cannot be read. They are in no rate.
    undetected: usize,
    threshold: f32,
    accuracy: Option<f64>,
    fmr: Option<f64>,
    fnmr: Option<f64>,
    det: Vec<DetRow>,
    same_pairs: usize,
    different_pairs: usize,
    /// The false match rate is not above this, with 95 % confidence.
    fmr_at_most: f64,
    operating_points: Vec<Wanted>,
    pictures: Pictures,
    /// Searches among many, where it is known who is in each picture.
    search: Option<SearchRates>,
    processor_ms: Milliseconds,
    models: Models,
}

#[derive(Serialize)]
struct Wanted {
    fmr_max: f64,
    /// Absent if there are too few pairs to promise that rate at any threshold.
    threshold: Option<f32>,
    fnmr: Option<f64>,
}

#[derive(Default, Serialize)]
struct Pictures {
    all: usize,
    unreadable: usize,
    without_face: usize,
    /// Compared here, but not good enough to name or enrol anybody.
    with_flaws: usize,
}

/// Processor time for one picture: what else the machine does meanwhile does not count.
#[derive(Serialize)]
struct Milliseconds {
    find: Option<Spread>,
    describe: Option<Spread>,
    both: Option<Spread>,
}

#[derive(Serialize)]
struct Spread {
    p50: f64,
    p95: f64,
}

#[derive(Serialize)]
struct Models {
    face_model_sha256: String,
    detector: &'static str,
    detector_sha256: Option<String>,
}

pub(crate) fn run(arguments: &EvalArguments, json: bool) -> Result<(), Failure> {
    let labelled = Labelled::read(&arguments.path)?;
    let mut bench = Bench::new(arguments)?;
    let progress =
        if json { ProgressBar::hidden() } else { ProgressBar::new(labelled.pictures.len() as u64) };
    let look = |picture| {
        progress.inc(1);
        bench.look(picture)
    };
    let faces: Vec<Option<Template>> =
        labelled.pictures.iter().map(|picture| picture.as_path()).map(look).collect();
    progress.finish_and_clear();
    let report = bench.report(&labelled, &faces, arguments.threshold);
    if json {
        output::json(&report)?
    } else {
        tell(&report)?
    }
    Ok(())
}

/// The models, and what they have cost and left out so far.
struct Bench {
    model: FaceModel,
    yunet: Option<(Yunet, Sha256Sum)>,
    pictures: Pictures,
    find: Vec<f64>,
    describe: Vec<f64>,
    both: Vec<f64>,
}

impl Bench {
    fn new(arguments: &EvalArguments) -> Result<Self, Failure> {
        let expected = arguments.detector_sha256.unwrap_or(YUNET_SHA256);
        let yunet = arguments.detector.as_deref().map(|path| load_yunet(path, expected));
        let yunet = yunet.transpose()?.map(|yunet| (yunet, expected));
        Ok(Self {
            model: face_model::load()?,
            yunet,
            pictures: Pictures::default(),
            find: Vec::new(),
            describe: Vec::new(),
            both: Vec::new(),
        })
    }

    /// The template of the face in a picture; of several, the one that is largest and surest.
    fn look(&mut self, path: &Path) -> Option<Template> {
        self.pictures.all += 1;
        let Some(picture) = read(path) else {
            self.pictures.unreadable += 1;
            return None;
        };
        let finder: &dyn FaceFinder =
            self.yunet.as_ref().map_or(&self.model.finder, |(yunet, _)| yunet);
        let (found, finding) = timed(|| Thorough(finder).find(&picture));
        let weight = |face: &FoundFace| face.area() * face.score;
        let face = found.iter().max_by(|a, b| weight(a).total_cmp(&weight(b)));
        let (reading, describing) =
            timed(|| face.and_then(|face| self.model.reader.read(&picture, face).ok()));
        let Some(reading) = reading else {
            self.pictures.without_face += 1;
            return None;
        };
        self.pictures.with_flaws += usize::from(!reading.quality.is_good());
        self.find.push(milliseconds(finding));
        self.describe.push(milliseconds(describing));
        self.both.push(milliseconds(finding + describing));
        Some(reading.template)
    }

    fn report(self, labelled: &Labelled, faces: &[Option<Template>], threshold: f32) -> Report {
        let compare = |[first, second]: [usize; 2]| {
            let (first, second) = (faces.get(first)?.as_ref()?, faces.get(second)?.as_ref()?);
            Some(first.distance(second))
        };
        let comparisons: Vec<Comparison> = labelled
            .pairs
            .iter()
            .filter_map(|pair| {
                let distance = compare(pair.pictures)?;
                Some(Comparison { is_same: pair.is_same, distance })
            })
            .collect();
        let curve = DetCurve::of(&comparisons);
        let (same_pairs, different_pairs) = curve.pairs();
        let row = curve.at(threshold);
        Report {
            pairs: labelled.pairs.len(),
            undetected: labelled.pairs.len() - comparisons.len(),
            threshold,
            accuracy: curve.accuracy(threshold),
            fmr: row.fmr,
            fnmr: row.fnmr,
            det: curve.rows(),
            same_pairs,
            different_pairs,
            fmr_at_most: curve.point_at(threshold).fmr_at_most(),
            operating_points: WANTED_RATES.map(|rate| wanted(&curve, rate)).into(),
            pictures: self.pictures,
            search: labelled.persons.as_ref().map(|persons| search(persons, faces)),
            processor_ms: Milliseconds {
                find: spread(self.find),
                describe: spread(self.describe),
                both: spread(self.both),
            },
            models: Models {
                face_model_sha256: self.model.sha256.to_string(),
                detector: if self.yunet.is_some() { "yunet" } else { "built-in" },
                detector_sha256: self.yunet.map(|(_, sum)| sum.to_string()),
            },
        }
    }
}

fn read(path: &Path) -> Option<hearth_face::Picture> {
    let length = fs::metadata(path).ok()?.len();
    if length > PHOTO_BYTES_MAX as u64 {
        return None;
    }
    read_photo(&fs::read(path).ok()?).ok()
}

fn load_yunet(path: &Path, expected: Sha256Sum) -> Result<Yunet, Failure> {
    let unreadable = |source| Failure::Unreadable { path: path.to_owned(), source };
    let length = fs::metadata(path).map_err(unreadable)?.len();
    let file = if length > Yunet::BYTES_MAX as u64 {
        Vec::new()
    } else {
        fs::read(path).map_err(unreadable)?
    };
    Yunet::load(file, &expected).map_err(|error| Failure::Refused {
        code: "face_detector_refused".to_owned(),
        message: format!("{} can't be used: {error} ({expected}).", path.display()),
    })
}

fn wanted(curve: &DetCurve, fmr_max: f64) -> Wanted {
    let threshold = curve.operating_point(fmr_max).map(|point| point.threshold);
    Wanted { fmr_max, threshold, fnmr: threshold.and_then(|threshold| curve.at(threshold).fnmr) }
}

fn search(persons: &[usize], faces: &[Option<Template>]) -> SearchRates {
    let known =
        persons.iter().zip(faces).filter_map(|(person, face)| Some((*person, face.clone()?)));
    search_rates(&known.collect::<Vec<_>>(), &OperatingPoint::DEFAULT)
}

/// A result, and the processor time that all threads took for it.
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let now = || {
        let time = clock_gettime(ClockId::ProcessCPUTime);
        let seconds = u64::try_from(time.tv_sec).unwrap_or_default();
        Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or_default())
    };
    let before = now();
    let result = work();
    (result, now().saturating_sub(before))
}

fn milliseconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1e5).round() / 1e2
}

fn spread(mut times: Vec<f64>) -> Option<Spread> {
    times.sort_by(f64::total_cmp);
    let at = |percent: usize| times.get((times.len() * percent).div_ceil(100).max(1) - 1).copied();
    Some(Spread { p50: at(50)?, p95: at(95)? })
}

fn tell(report: &Report) -> Result<(), Failure> {
    let percent = |rate: Option<f64>| {
        rate.map_or_else(|| "not measured".to_owned(), |rate| format!("{:.2} %", rate * 100.0))
    };
    let compared = report.pairs - report.undetected;
    output::line(&format!("{compared} of {} pairs compared", report.pairs))?;
    output::line(&format!("at distance {}:", report.threshold))?;
    output::line(&format!("  right                {}", percent(report.accuracy)))?;
    output::line(&format!("  false matches        {}", percent(report.fmr)))?;
    output::line(&format!("    at most, 95 % sure {}", percent(Some(report.fmr_at_most))))?;
    output::line(&format!("  false non-matches    {}", percent(report.fnmr)))?;
    if let Some(search) = &report.search {
        output::line(&format!("searches at distance {}:", search.threshold))?;
        output::line(&format!("  strangers named      {}", percent(search.fpir)))?;
        output::line(&format!("  known not named      {}", percent(search.fnir)))?;
    }
    if let Some(both) = &report.processor_ms.both {
        output::line(&format!("{} ms of one core a face (median)", both.p50))?;
    }
    let [unreadable, without] = [report.pictures.unreadable, report.pictures.without_face];
    output::line(&format!("{unreadable} pictures unreadable, {without} without a face"))?;
    Ok(())
}
