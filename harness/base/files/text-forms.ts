// The forms in which a text may end up in a file, a log, an argument or an environment: as it is, or encoded.

/** Base64 depends on neighbouring bytes at its ends, so these are left out; three alignments are possible. */
function base64FormsOf(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((at) => {
    const whole = bytes.subarray(at, at + Math.floor((bytes.length - at) / 3) * 3);
    return [whole.toString("base64"), whole.toString("base64url")];
  });
}

/** Each form once. */
export function formsOf(text: string): Buffer[] {
  const bytes = Buffer.from(text);
  const json = JSON.stringify(text).slice(1, -1);
  const percent = encodeURIComponent(text);
  const wide = Buffer.from(text, "utf16le");
  const forms = [
    bytes,
    wide,
    Buffer.from(wide).swap16(),
    ...[
      bytes.toString("hex"),
      bytes.toString("hex").toUpperCase(),
      ...base64FormsOf(bytes),
      percent,
      percent.replaceAll(/%../g, (code) => code.toLowerCase()),
      json,
      json.replaceAll(/[^\0-~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`),
      text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;"),
    ].map((form) => Buffer.from(form)),
  ];
  return [...new Map(forms.map((form) => [form.toString("latin1"), form])).values()];
}
