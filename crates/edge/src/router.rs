//! Which route answers a path and a method.

use std::sync::Arc;

use burgward_template::model::ApiKind;

use crate::api::CompiledRoute;
use crate::paths::decode;

/// A segment of a route's path, more specific ones first.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Literal(String),
    Parameter(String),
    Greedy(String),
}

impl Segment {
    /// Literals before variables before greedy ones; the variables' names do not matter.
    fn rank(&self) -> (u8, String) {
        match self {
            Self::Literal(text) => (0, text.clone()),
            Self::Parameter(_) => (1, String::new()),
            Self::Greedy(_) => (2, String::new()),
        }
    }
}

/// All routes of one path.
#[derive(Debug)]
struct Resource {
    segments: Vec<Segment>,
    routes: Vec<Arc<CompiledRoute>>,
}

/// The routes, in the order in which they are tried.
#[derive(Debug)]
pub(crate) struct Router {
    kind: ApiKind,
    resources: Vec<Resource>,
    default: Option<Arc<CompiledRoute>>,
}

/// The methods that API Gateway knows; they are compared with case.
///
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-settings-method-request.html>
pub(crate) const METHODS: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/// The path that is matched and that policies speak of: they must be the same.
pub(crate) fn canonical(kind: ApiKind, path: &str) -> &str {
    match kind {
        ApiKind::Rest if path.len() > 1 => path.strip_suffix('/').unwrap_or(path),
        ApiKind::Rest | ApiKind::Http => path,
    }
}

/// A route and the parts of the path that its variables took, still percent-encoded.
#[derive(Debug)]
pub(crate) struct Match {
    pub(crate) route: Arc<CompiledRoute>,
    pub(crate) parameters: Vec<(String, String)>,
}

impl Router {
    /// Takes routes; the error names a path that cannot be matched as written.
    pub(crate) fn new(kind: ApiKind, routes: Vec<CompiledRoute>) -> Result<Self, (String, String)> {
        let mut this = Self { kind, resources: Vec::new(), default: None };
        for route in routes {
            if kind == ApiKind::Http && route.path == "$default" {
                this.default = Some(Arc::new(route));
                continue;
            }
            let segments = parse(&route.path).map_err(|why| (route.path.clone(), why))?;
            let route = Arc::new(route);
            match this.resources.iter_mut().find(|resource| resource.segments == segments) {
                Some(resource) => resource.routes.push(route),
                None => this.resources.push(Resource { segments, routes: vec![route] }),
            }
        }
        this.resources.sort_by_cached_key(|resource| resource.segments.iter().map(Segment::rank).collect::<Vec<_>>());
        Ok(this)
    }

    /// The route for a normalised path without its stage.
    ///
    /// REST APIs settle on the most specific resource before they look at the method; HTTP APIs take the most specific
    /// route that has the method, and `$default` last:
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html>
    pub(crate) fn find(&self, method: &str, path: &str) -> Option<Match> {
        // `ANY` stands for these alone: a policy that names methods must not be evaded with `get` or `PURGE`.
        if !METHODS.contains(&method) {
            return None;
        }
        let path = canonical(self.kind, path);
        let parts: Vec<&str> = path.strip_prefix('/').unwrap_or(path).split('/').collect();
        for resource in &self.resources {
            let Some(parameters) = matches(&resource.segments, &parts) else { continue };
            match resource.route(method) {
                Some(route) => return Some(Match { route: Arc::clone(route), parameters }),
                None if self.kind == ApiKind::Rest => return None,
                None => {}
            }
        }
        let parameters = Vec::new();
        self.default.as_ref().map(|route| Match { route: Arc::clone(route), parameters })
    }
}

impl Resource {
    fn route(&self, method: &str) -> Option<&Arc<CompiledRoute>> {
        let exact = self.routes.iter().find(|route| route.method == method);
        exact.or_else(|| self.routes.iter().find(|route| route.method == "ANY"))
    }
}

fn parse(path: &str) -> Result<Vec<Segment>, String> {
    let rest = path.strip_prefix('/').ok_or("it does not begin with a slash")?;
    let segments: Vec<Segment> = rest
        .split('/')
        .map(|part| match part.strip_prefix('{').and_then(|part| part.strip_suffix('}')) {
            Some(name) => match name.strip_suffix('+') {
                Some(name) => Segment::Greedy(name.to_owned()),
                None => Segment::Parameter(name.to_owned()),
            },
            None => Segment::Literal(part.to_owned()),
        })
        .collect();
    let greedy = segments.iter().position(|segment| matches!(segment, Segment::Greedy(_)));
    match greedy {
        Some(at) if at + 1 < segments.len() => Err("a greedy variable has to be the last part".into()),
        _ => Ok(segments),
    }
}

fn matches(segments: &[Segment], parts: &[&str]) -> Option<Vec<(String, String)>> {
    let mut parameters = Vec::new();
    for (at, segment) in segments.iter().enumerate() {
        let part = *parts.get(at)?;
        match segment {
            Segment::Literal(literal) if part == literal || (part.contains('%') && decode(part) == *literal) => {}
            Segment::Parameter(name) if !part.is_empty() => parameters.push((name.clone(), part.to_owned())),
            Segment::Greedy(name) => {
                let rest = parts.get(at..)?.join("/");
                if rest.is_empty() {
                    return None;
                }
                parameters.push((name.clone(), rest));
                return Some(parameters);
            }
            Segment::Literal(_) | Segment::Parameter(_) => return None,
        }
    }
    (segments.len() == parts.len()).then_some(parameters)
}
