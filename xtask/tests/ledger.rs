//! The promise ledger in `SECURITY.md` against the tests in the tree: neither may claim what the
//! other does not know.
//!
//! A row is `| ID | promise | state | enforced in | proved by |`. In the last two columns everything
//! in backticks is looked up: a path (from the root, or from `crates/`), a test as `crate::name`
//! (`web::the whole title` for the dashboard's), a step of the gate as `.ci/run: title`. A test pins
//! promises with a comment directly above it: `promise: D-04, D-06.` Rows are kept, process, part or
//! open, as the ledger itself explains.

mod tree;

use std::collections::{BTreeMap, BTreeSet};

/// Where the ledger stands.
const LEDGER: &str = "SECURITY.md";

/// Letters of the five policies, and how many promises each makes.
const POLICIES: [(char, usize); 5] = [('T', 21), ('V', 24), ('N', 11), ('K', 10), ('D', 36)];

/// Where tests and comments about promises are.
const FOLDERS: [&str; 5] = ["crates", "web/e2e", "web/src", "web/test", "xtask"];

#[derive(Debug)]
struct Row {
    id: String,
    state: String,
    enforced: Vec<String>,
    proved: Vec<String>,
}

impl Row {
    /// The tests it names; what has no `::` is a file or a step.
    fn tests(&self) -> impl Iterator<Item = &String> {
        self.proved.iter().filter(|proof| proof.contains("::"))
    }
}

/// Reads the table; a line that begins like a row and is none gives a row without proofs.
fn rows() -> Vec<Row> {
    let text = tree::text(LEDGER).expect("there");
    let lines = text.lines().filter_map(|line| line.strip_prefix("| "));
    let rows = lines.filter_map(|line| {
        let cells: Vec<&str> = line.trim_end_matches('|').split(" | ").map(str::trim).collect();
        let id = cells.first().filter(|id| is_id(id))?;
        let cell = |at: usize| cells.get(at).copied().unwrap_or_default();
        let state = cell(2).split([' ', ':']).next().unwrap_or_default();
        Some(Row {
            id: (*id).to_owned(),
            state: state.to_owned(),
            enforced: quoted(cell(3)),
            proved: quoted(cell(4)),
        })
    });
    rows.collect()
}

/// What stands in backticks.
fn quoted(cell: &str) -> Vec<String> {
    cell.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn promises() -> BTreeSet<String> {
    let ids = |(letter, count)| (1..=count).map(move |number| format!("{letter}-{number:02}"));
    POLICIES.into_iter().flat_map(ids).collect()
}

fn is_id(word: &str) -> bool {
    let mut chars = word.chars();
    let letter = chars.next().is_some_and(|c| POLICIES.iter().any(|(letter, _)| *letter == c));
    letter && chars.next() == Some('-') && word.len() == 4 && chars.all(|c| c.is_ascii_digit())
}

/// A place in the tree that names a promise; in a test if `test` is set.
#[derive(Debug)]
struct Mention {
    id: String,
    place: String,
    test: Option<String>,
}

fn mentions() -> Vec<Mention> {
    let is_code = |path: &String| [".rs", ".ts", ".tsx", ".mjs"].iter().any(|e| path.ends_with(e));
    let files = FOLDERS.into_iter().flat_map(tree::files).filter(is_code);
    files.filter_map(|path| Some(mentions_in(&path, &tree::text(&path)?))).flatten().collect()
}

fn mentions_in(path: &str, text: &str) -> Vec<Mention> {
    let mut found: Vec<Mention> = Vec::new();
    // Mentions since this index wait for the item below them.
    let mut waiting = 0;
    let mut is_rust_test = false;
    for (at, line) in text.lines().map(str::trim).enumerate() {
        if is_comment(line) {
            found.extend(ids(line).map(|id| Mention {
                id: id.to_owned(),
                place: format!("{path}:{}", at + 1),
                test: None,
            }));
            continue;
        }
        if line.starts_with("#[") {
            is_rust_test |= line == "#[test]" || line.starts_with("#[tokio::test");
            continue;
        }
        if let Some(test) = test_name(line, is_rust_test) {
            let name = format!("{}::{test}", owner(path));
            for mention in &mut found[waiting..] {
                mention.test = Some(name.clone());
            }
        }
        is_rust_test = false;
        waiting = found.len();
    }
    found
}

fn is_comment(line: &str) -> bool {
    line.starts_with("//") || line.starts_with("/*") || line.starts_with('*')
}

/// The IDs behind the word `promise:` or `promises`, anywhere in a comment.
fn ids(comment: &str) -> impl Iterator<Item = &str> {
    let behind = comment.find("promise").map_or("", |at| &comment[at..]);
    behind.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').filter(|word| looks_like(word))
}

/// Whether somebody meant an ID, though it may not exist.
fn looks_like(word: &str) -> bool {
    let bytes = word.as_bytes();
    bytes.len() == 4
        && bytes[0].is_ascii_uppercase()
        && bytes[1] == b'-'
        && bytes[2..].iter().all(u8::is_ascii_digit)
}

fn test_name(line: &str, is_rust_test: bool) -> Option<&str> {
    let end = |c: char| !c.is_alphanumeric() && c != '_';
    if is_rust_test {
        return line.split_once("fn ").and_then(|(_, name)| name.split(end).next());
    }
    let title = line.strip_prefix("test(")?;
    let quote = title.chars().next()?;
    title[1..].split(quote).next()
}

/// The crate that a file belongs to, or the folder.
fn owner(path: &str) -> &str {
    let path = path.strip_prefix("crates/").unwrap_or(path);
    path.split('/').next().unwrap_or(path)
}

/// Which promises each test pins.
fn pinned(mentions: &[Mention]) -> BTreeMap<&str, BTreeSet<&str>> {
    let mut tests: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for mention in mentions {
        if let Some(test) = &mention.test {
            tests.entry(test).or_default().insert(&mention.id);
        }
    }
    tests
}

fn exists(path: &str) -> bool {
    if let Some(step) = path.strip_prefix(".ci/run: ") {
        let gate = tree::text(".ci/run").unwrap_or_default();
        return gate.contains(&format!("step \"{step}\""));
    }
    [path.to_owned(), format!("crates/{path}")].iter().any(|path| tree::root().join(path).exists())
}

fn none(wrong: &[String]) {
    assert!(wrong.is_empty(), "\n{}\n", wrong.join("\n"));
}

#[test]
fn every_promise_has_one_row() {
    let rows = rows();
    let mut wrong = Vec::new();
    for id in promises() {
        let count = rows.iter().filter(|row| row.id == id).count();
        wrong.extend((count != 1).then(|| format!("{id} has {count} rows")));
    }
    let known = promises();
    let unknown = rows.iter().filter(|row| !known.contains(&row.id));
    wrong.extend(unknown.map(|row| format!("{} is no promise", row.id)));
    none(&wrong);
}

#[test]
fn what_a_row_claims_is_there() {
    let mentions = mentions();
    let tests = pinned(&mentions);
    let mut wrong = Vec::new();
    for row in rows() {
        let id = row.id.as_str();
        let paths = row.enforced.iter().chain(row.proved.iter().filter(|p| !p.contains("::")));
        let missing = paths.filter(|path| !exists(path));
        wrong.extend(missing.map(|path| format!("{id}: there is no {path}")));
        for test in row.tests() {
            match tests.get(test.as_str()) {
                None => wrong.push(format!("{id}: there is no test {test} with a promise")),
                Some(ids) if !ids.contains(id) => wrong.push(format!("{test} does not name {id}")),
                Some(_) => {}
            }
        }
        let complaint = match row.state.as_str() {
            "kept" if row.tests().next().is_none() => "is kept, but no test proves it",
            "process" if row.proved.is_empty() => "names neither file nor step",
            "kept" | "process" | "part" => continue,
            "open" if tests.values().any(|ids| ids.contains(id)) => "is open, but has a test",
            "open" => continue,
            _ => "is neither kept, process, part nor open",
        };
        wrong.push(format!("{id} {complaint}"));
    }
    none(&wrong);
}

#[test]
fn every_comment_names_promises_that_exist() {
    let known = promises();
    let mentions = mentions();
    let unknown = mentions.iter().filter(|mention| !known.contains(&mention.id));
    let wrong: Vec<String> =
        unknown.map(|mention| format!("{}: there is no {}", mention.place, mention.id)).collect();
    none(&wrong);
}

#[test]
fn comments_are_read_as_people_write_them() {
    // Put together, so that this file does not contain what it looks for.
    let word = "promise";
    let rust = format!(
        "//! About {word}s T-03, T-06.\n\n/// {word}: D-04, D-06. Both at once,\n/// in two lines.\n\
         #[tokio::test(flavor = \"multi_thread\")]\nasync fn an_erased_picture_is_gone() {{}}\n\
         /// {word}: D-05.\nfn no_test() {{}}\n"
    );
    let found = mentions_in("crates/hearth-store/src/a.rs", &rust);
    let text = |mention: &Mention| (mention.id.clone(), mention.test.clone());
    let test = Some("hearth-store::an_erased_picture_is_gone".to_owned());
    let expected =
        [("T-03", None), ("T-06", None), ("D-04", test.clone()), ("D-06", test), ("D-05", None)];
    assert_eq!(
        found.iter().map(text).collect::<Vec<_>>(),
        expected.map(|(id, t)| (id.to_owned(), t))
    );
    let web = format!("// {word}: V-01\ntest('signed out, nothing shows', async () => {{\n");
    let found = mentions_in("web/e2e/a.test.mjs", &web);
    assert_eq!(found[0].test.as_deref(), Some("web::signed out, nothing shows"));
}
