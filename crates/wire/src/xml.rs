//! A small XML writer: elements and text, always escaped.

/// Escapes text for an element's content or an attribute.
///
/// Characters that XML 1.0 cannot carry at all (section 2.2) become U+FFFD: a hostile key must not break a document.
#[must_use]
pub fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\r' => out.push_str("&#13;"),
            '\t' | '\n' => out.push(c),
            c if c.is_control() && u32::from(c) < 0x20 => out.push('\u{fffd}'),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

/// Writes a document element by element.
#[derive(Debug)]
pub struct XmlWriter {
    out: String,
    open: Vec<&'static str>,
}

impl XmlWriter {
    /// A document whose root is open.
    #[must_use]
    pub fn new(root: &'static str, namespace: Option<&str>) -> Self {
        let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<");
        out.push_str(root);
        if let Some(namespace) = namespace {
            out.push_str(" xmlns=\"");
            out.push_str(&escape(namespace));
            out.push('"');
        }
        out.push('>');
        Self { out, open: vec![root] }
    }

    /// Opens an element.
    pub fn open(&mut self, name: &'static str) -> &mut Self {
        self.out.push('<');
        self.out.push_str(name);
        self.out.push('>');
        self.open.push(name);
        self
    }

    /// Closes the element opened last.
    pub fn close(&mut self) -> &mut Self {
        if let Some(name) = self.open.pop() {
            self.out.push_str("</");
            self.out.push_str(name);
            self.out.push('>');
        }
        self
    }

    /// An element with text.
    pub fn text(&mut self, name: &'static str, text: &str) -> &mut Self {
        self.open(name);
        self.out.push_str(&escape(text));
        self.close()
    }

    /// Closes what is open and hands the document out.
    #[must_use]
    pub fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.close();
        }
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_stays_text() {
        let mut xml = XmlWriter::new("Error", None);
        xml.text("Key", "</Key><Owner>&\u{1}'\"\r");
        assert_eq!(
            xml.finish(),
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Key>&lt;/Key&gt;&lt;Owner&gt;&amp;\u{fffd}&apos;&quot;&#13;</Key></Error>"
        );
    }
}
