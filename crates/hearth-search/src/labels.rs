//! How people speak of what cameras see.

use hearth_model::Label;

/// Words, folded, that mean one label or several.
pub(crate) const SYNONYMS: &[(&[&str], &[&str])] = &[
    (
        &[
            "person",
            "people",
            "persons",
            "somebody",
            "someone",
            "anybody",
            "anyone",
            "human",
            "humans",
            "man",
            "men",
            "woman",
            "women",
            "child",
            "children",
            "pedestrian",
            "pedestrians",
        ],
        &["person"],
    ),
    (&["vehicle", "vehicles"], &["car", "truck", "bus", "motorcycle", "bicycle"]),
    (&["automobile", "automobiles"], &["car"]),
    (&["lorry", "lorries", "van", "vans"], &["truck"]),
    (&["bike", "bikes", "cyclist", "cyclists"], &["bicycle"]),
    (&["motorbike", "motorbikes"], &["motorcycle"]),
    (&["animal", "animals"], &["dog", "cat", "bird", "horse", "sheep", "cow", "bear"]),
    (&["pet", "pets"], &["dog", "cat"]),
    (&["puppy", "hound"], &["dog"]),
    (&["kitten"], &["cat"]),
    (&["movement", "movements", "motion", "motions"], &["motion"]),
    (&["package", "packages", "parcel", "parcels"], &["suitcase", "handbag", "backpack"]),
];

/// Several of one, as English has it.
pub fn plural_of(noun: &str) -> String {
    match noun {
        "person" => return "people".to_owned(),
        "mouse" => return "mice".to_owned(),
        "knife" => return "knives".to_owned(),
        "sheep" | "skis" | "scissors" => return noun.to_owned(),
        _ => {}
    }
    let hisses = ["s", "x", "z", "ch", "sh"].iter().any(|end| noun.ends_with(end));
    let stem = noun.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'i', 'o', 'u']));
    match stem {
        Some(stem) => format!("{stem}ies"),
        None if hisses => format!("{noun}es"),
        None => format!("{noun}s"),
    }
}

/// A label as a noun, alone or as many.
pub fn noun_of(label: &Label, count: u64) -> String {
    let name = match label.as_str() {
        "motion" => "movement",
        name => name,
    };
    if count == 1 { name.to_owned() } else { plural_of(name) }
}
