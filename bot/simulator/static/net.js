// Talks to the simulator. Every call answers with the parsed JSON or throws an Error whose message can be shown.

async function read(response) {
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.said || "没有办成，请再试一次。");
  return body;
}

export async function post(path, body = {}) {
  const headers = { "Content-Type": "application/json" };
  return read(await fetch(path, { method: "POST", headers, body: JSON.stringify(body) }));
}

export async function postFile(path, blob) {
  return read(await fetch(path, { method: "POST", headers: { "Content-Type": blob.type }, body: blob }));
}

export async function getScreen(openid, version) {
  const query = new URLSearchParams({ openid });
  if (version !== null) query.set("version", version);
  return read(await fetch(`/phone/screen?${query}`));
}

export const act = (openid, name, body) => post(`/phone/${encodeURIComponent(openid)}/${name}`, body);
