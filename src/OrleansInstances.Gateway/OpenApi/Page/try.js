"use strict";

// Builds one form for each route of /openapi/v1.json and sends what is filled in. The key stays in this page's memory.
const methods = ["get", "post", "put", "patch", "delete"];
const status = document.getElementById("status");

load().catch(error => { status.textContent = `The description could not be loaded: ${error.message}`; });

async function load() {
  const answer = await fetch("/openapi/v1.json");
  if (!answer.ok) {
    throw new Error(`HTTP ${answer.status}`);
  }

  const api = await answer.json();
  const groups = new Map();
  for (const [path, item] of Object.entries(api.paths)) {
    for (const method of methods.filter(method => item[method])) {
      const operation = item[method];
      const group = operation.tags?.[0] ?? "Other";
      if (!groups.has(group)) {
        groups.set(group, element("section", {}, element("h2", {}, group)));
      }

      groups.get(group).append(route(api, path, method, operation, [...(item.parameters ?? []), ...(operation.parameters ?? [])]));
    }
  }

  document.getElementById("routes").replaceChildren(...groups.values());
  status.textContent = `${api.info.title} ${api.info.version}`;
}

function route(api, path, method, operation, parameters) {
  const output = element("pre", { hidden: true });
  const form = element("form", {}, element("small", {}, operation.description ?? ""));
  for (const parameter of parameters.filter(parameter => parameter.in !== "header")) {
    form.append(field(parameter.name, parameter.description, element("input", { name: `${parameter.in}:${parameter.name}`, required: parameter.required ?? false })));
  }

  const content = Object.entries(operation.requestBody?.content ?? {})[0];
  if (content) {
    const text = element("textarea", { name: "body", spellcheck: false });
    text.value = content[0].includes("json") ? JSON.stringify(sample(api, content[1].schema), null, 2) : "";
    form.append(field("body", content[0], text));
  }

  form.append(element("button", {}, "Send"), output);
  form.addEventListener("submit", async event => {
    event.preventDefault();
    output.hidden = false;
    output.textContent = "…";
    output.textContent = await send(path, method, new FormData(form), content?.[0]).catch(error => `No answer: ${error.message}`);
  });
  return element("details", {},
    element("summary", {}, element("span", { className: "method" }, method.toUpperCase()), element("code", {}, path), ` ${operation.summary ?? ""}`),
    form);
}

async function send(path, method, values, contentType) {
  const query = new URLSearchParams();
  let target = path;
  for (const [name, value] of values) {
    const [place, key] = name.split(/:(.*)/s);
    if (place === "path") {
      target = target.replace(`{${key}}`, encodeURIComponent(value));
    } else if (place === "query" && value !== "") {
      query.append(key, value);
    }
  }

  const headers = {};
  const key = document.getElementById("key").value;
  if (key) {
    headers["X-API-Key"] = key;
  }

  if (contentType) {
    headers["Content-Type"] = contentType;
  }

  const started = performance.now();
  const answer = await fetch(query.size ? `${target}?${query}` : target, { method: method.toUpperCase(), headers, body: contentType ? values.get("body") : undefined });
  const text = await answer.text();
  return `HTTP ${answer.status} in ${Math.round(performance.now() - started)} ms\n${pretty(text)}`;
}

// A body to begin with: each field of the schema with an empty value of its type.
function sample(api, schema, depth = 0) {
  const known = schema?.$ref ? api.components.schemas[schema.$ref.split("/").pop()] : schema;
  if (!known || depth > 4) {
    return null;
  }

  if (known.oneOf || known.anyOf || known.allOf) {
    return sample(api, (known.oneOf ?? known.anyOf ?? known.allOf).find(option => option.$ref || option.type), depth);
  }

  if (known.nullable && depth > 0) {
    return null;
  }

  switch (known.type) {
    case "object": return Object.fromEntries(Object.entries(known.properties ?? {}).map(([name, value]) => [name, sample(api, value, depth + 1)]));
    case "array": return [];
    case "integer": case "number": return 0;
    case "boolean": return false;
    default: return "";
  }
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function field(name, hint, control) {
  return element("label", {}, element("span", {}, name), control, element("small", {}, hint ?? ""));
}

function element(tag, properties, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}
