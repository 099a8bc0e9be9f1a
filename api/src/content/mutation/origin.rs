//! Where in the arguments of a mutation the parts of an operation stand: the paths by which its mistakes are told.
use super::input::{Path, below};

/// Where an operation comes from.
#[derive(Clone, Debug, Default)]
pub(super) struct Origin {
    /// Where the fields of its record are given.
    fields: Path,
    /// It gives no fields: all that is wrong is so with what names its record.
    is_whole: bool,
    /// What is given elsewhere, by the steps that lead to it in the operation. No steps at all are the record itself.
    elsewhere: Vec<(Path, Path)>,
    /// Further records that it names, by their public ids.
    others: Vec<(String, Path)>,
}

impl Origin {
    pub(super) fn at(fields: Path) -> Origin {
        Origin { fields, ..Origin::default() }
    }

    /// Of an operation that names a record there, and gives no fields of it.
    pub(super) fn whole(record: Path) -> Origin {
        Origin { fields: record, is_whole: true, ..Origin::default() }
    }

    /// Its record is named there.
    pub(super) fn names(self, path: Path) -> Origin {
        self.gives(&[], path)
    }

    /// What these steps lead to is given there.
    pub(super) fn gives(mut self, steps: &[&str], path: Path) -> Origin {
        self.elsewhere.push((steps.iter().map(|it| (*it).to_owned()).collect(), path));
        self
    }

    pub(super) fn names_other(mut self, id: String, path: Path) -> Origin {
        self.others.push((id, path));
        self
    }

    /// The place of a mistake in the record of this id.
    pub(super) fn path(&self, id: &str, steps: &[String]) -> Path {
        let fits = |(start, _): &&(Path, Path)| match start.is_empty() {
            true => steps.is_empty(),
            false => steps.starts_with(start),
        };
        let longest = self.elsewhere.iter().filter(fits).max_by_key(|(start, _)| start.len());
        let (path, rest) = match (self.others.iter().find(|(other, _)| other == id), longest) {
            (Some((_, path)), _) => (path, &[][..]),
            (None, Some((start, path))) => (path, steps.get(start.len()..).unwrap_or_default()),
            (None, None) if self.is_whole => (&self.fields, &[][..]),
            (None, None) => (&self.fields, steps),
        };
        rest.iter().fold(path.clone(), |path, step| below(&path, step))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given_elsewhere_is_told_there() {
        let path = |text: &str| text.split('.').map(str::to_owned).collect::<Path>();
        let origin = Origin::at(path("input"))
            .names(path("id"))
            .gives(&["citations", "0", "quote"], path("input.citations.0.source.place.excerpt"))
            .names_other("b".to_owned(), path("from"));
        let told = |id: &str, steps: &str| {
            let steps = if steps.is_empty() { Path::new() } else { path(steps) };
            origin.path(id, &steps).join(".")
        };

        assert_eq!(told("a", "names.0"), "input.names.0");
        assert_eq!(told("a", ""), "id");
        assert_eq!(told("a", "citations.0.quote"), "input.citations.0.source.place.excerpt");
        assert_eq!(told("a", "citations.0.note"), "input.citations.0.note");
        assert_eq!(told("b", ""), "from");
    }
}
