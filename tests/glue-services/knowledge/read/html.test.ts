import { expect, test } from "vitest";
import { readHtml } from "../../../../glue-services/knowledge/read/html.ts";

const address = "https://example.com/docs/";

/** What is read of a page with this body. */
function read(body: string, head = "<title>T</title>"): string {
  return readHtml(`<!doctype html><html><head>${head}</head><body>${body}</body></html>`, address).content;
}

const words = (count: number) => Array.from({ length: count }, (_, at) => `word${at}`).join(" ");
const link = (text: string) => `<a href="/${text}">${text}</a>`;

test("a table of HTML is read as rows, with and without tbody and head", () => {
  const rows = "<tr><td>a</td><td>b</td></tr><tr><td>1</td><td>2</td></tr>";
  for (const table of [
    rows,
    `<tbody>${rows}</tbody>`,
    "<thead><tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td>2</td></tr></tbody>",
  ]) {
    expect(read(`<table>${table}</table>`)).toBe("| a | b |\n| - | - |\n| 1 | 2 |");
  }
});

test("a table of one cell, cells over columns and rows, and lines in cells keep their text and their rows", () => {
  expect(read("<table><tr><td>only <b>this</b></td></tr></table>")).toBe("only **this**");
  expect(
    read(
      '<table><caption>Fees</caption><tr><th colspan="2">wide</th></tr><tr><td rowspan="2">tall</td><td>x</td></tr><tr><td>y</td></tr></table>',
    ),
  ).toBe("Fees\n\n| wide | |\n| - | - |\n| tall | x |\n| | y |");
  const cell = read(
    "<table><tr><td>k</td><td><p>one</p><p>two<br>three</p><ul><li>four</li></ul><pre>a\nb</pre></td></tr></table>",
  );
  expect(cell).toMatch(/^\| k +\| one two three four `a b` \|/m);
  expect(read("<table><tr><td>a|b</td><td>c</td></tr></table>")).toContain("a\\|b");
});

test("tables inside tables lose none of their text", () => {
  const content = read(
    "<table><tr><td><h2>Left</h2><table><tr><th>k</th><th>v</th></tr><tr><td>port</td><td>4600</td></tr></table></td><td>right side</td></tr></table>",
  );
  for (const part of ["## Left", "| port | 4600 |", "right side"]) expect(content).toContain(part);
});

test("lines of code that only layout makes stay lines", () => {
  const two = "```\ncd app\nnpm ci\n```";
  for (const html of [
    "<pre><code>cd app<br>npm ci<br></code></pre>",
    "<pre>cd app<br/>npm ci</pre>",
    "<pre><code><div>cd app</div><div>npm ci</div></code></pre>",
    '<pre><code><span class="token-line"><span>cd app</span><br></span><span class="token-line">npm ci<br></span></code></pre>',
    "<pre><ol><li>cd app</li><li>npm ci</li></ol></pre>",
    "<p><code>cd app<br>npm ci</code></p>",
    "<pre>\n\ncd app\r\nnpm ci\n\n</pre>",
  ]) {
    expect([html, read(html)]).toEqual([html, two]);
  }
});

test("code with numbers of lines is code without them, in its language, however the numbers stand beside it", () => {
  const expected = "```python\nimport os\nprint(os.name)\n```";
  const code = "import os\nprint(os.name)\n";
  for (const html of [
    // MkDocs, Pygments
    `<div class="language-python highlight"><table class="highlighttable"><tr><td class="linenos"><div class="linenodiv"><pre><span></span><span class="normal">1</span>\n<span class="normal">2</span></pre></div></td><td class="code"><div><pre><span></span><code><span class="kn">import</span> os\nprint(os.name)\n</code></pre></div></td></tr></table></div>`,
    // Sphinx
    `<div class="highlight-python notranslate"><div class="highlight"><table class="highlighttable"><tr><td class="linenos"><pre>1\n2</pre></td><td class="code"><pre>${code}</pre></td></tr></table></div></div>`,
    // Sphinx, numbers within
    `<div class="highlight-python notranslate"><div class="highlight"><pre><span></span><span class="linenos">1</span>import os\n<span class="linenos">2</span>print(os.name)\n</pre></div></div>`,
    // GitHub
    `<div class="highlight highlight-source-python"><table class="highlight"><tbody><tr><td class="blob-num" data-line-number="1"></td><td class="blob-code">import os</td></tr><tr><td class="blob-num" data-line-number="2"></td><td class="blob-code">print(os.name)</td></tr></tbody></table></div>`,
    // highlight.js
    `<pre><code class="hljs language-python"><table class="hljs-ln"><tr><td class="hljs-ln-numbers"><div class="hljs-ln-n" data-line-number="1"></div></td><td class="hljs-ln-code">import os</td></tr><tr><td class="hljs-ln-numbers"><div class="hljs-ln-n" data-line-number="2"></div></td><td class="hljs-ln-code">print(os.name)</td></tr></table></code></pre>`,
    // Rouge
    `<div class="language-python highlighter-rouge"><table class="rouge-table"><tbody><tr><td class="rouge-gutter gl"><pre class="lineno">1\n2\n</pre></td><td class="rouge-code"><pre>${code}</pre></td></tr></tbody></table></div>`,
    // Hexo
    `<figure class="highlight python"><table><tr><td class="gutter"><pre><span class="line">1</span><br><span class="line">2</span><br></pre></td><td class="code"><pre><span class="line">import os</span><br><span class="line">print(os.name)</span><br></pre></td></tr></table></figure>`,
    // beside each other without a table
    `<div class="code-wrapper"><pre class="line-numbers">1\n2</pre><pre><code class="language-python">${code}</code></pre></div>`,
  ]) {
    expect([html, read(html)]).toEqual([html, expected]);
  }
});

test("a table of data whose first column counts stays a table", () => {
  const content = read(
    "<table><tr><td>1</td><td>Install</td></tr><tr><td>2</td><td><code>npm ci</code></td></tr></table>",
  );
  expect(content).toContain("| 1 | Install |");
  expect(content).toContain("| 2 | `npm ci` |");
});

test("a form, a menu or a footer that holds the text is no reason to lose it", () => {
  const text = words(100);
  for (const html of [
    `<form><main>${text}</main></form>`,
    `<form id="aspnetForm"><div>${text}</div></form>`,
    `<nav><div><h1>Guide</h1><p>${text}</p></div></nav>`,
    `<footer><p>${text}</p></footer>`,
    `<aside><p>${text}</p></aside>`,
    `<header><p>${text}</p></header>`,
    `<div class="sidebar">${text}</div>`,
    `<dialog open><p>${text}</p></dialog>`,
    `<div hidden><p>${text}</p></div>`,
    `<div class="cookie-banner-page"><p>${words(600)}</p></div>`,
    `<noscript><p>${text}</p></noscript>`,
  ]) {
    expect([html.slice(0, 40), read(html)]).toEqual([html.slice(0, 40), expect.stringContaining("word99")]);
  }
});

test("warnings, hidden tabs, details and footnotes inside the text are found", () => {
  const content = read(`<main><article><h1>Delete</h1><p>${words(60)}</p>
    <aside><p>All backups are erased too.</p></aside>
    <div role="tabpanel">npm install it</div><div role="tabpanel" hidden>yarn add it</div>
    <div class="tabs"><div class="tab-pane" style="display:none">pnpm add it</div></div>
    <details><summary>Why so?</summary><p>Because of the law.</p></details>
    <h3><button aria-expanded="false">How long does it take?</button></h3>
    <dl><dt>grace</dt><dd>Thirty days of it.</dd></dl>
    <p>Mind this<sup><a href="#fn1">1</a></sup>.</p>
    <section class="footnotes"><ol><li id="fn1">The small print.</li></ol></section></article></main>`);
  for (const part of [
    "All backups are erased too.",
    "npm install it",
    "yarn add it",
    "pnpm add it",
    "Why so?",
    "Because of the law.",
    "How long does it take?",
    "grace",
    "Thirty days of it.",
    "Mind this[1].",
    "The small print.",
  ]) {
    expect(content).toContain(part);
  }
});

test("menus, banners and signs around the text are left out", () => {
  const menu = ["Home", "Products", "Pricing", "Blog", "About"].map(link).join(" ");
  const content = read(`<header>${menu}</header><nav>${menu}</nav>
    <div class="cookie-banner">We use cookies. <button>Accept</button></div>
    <div class="sidebar"><ul><li>${link("Older")}</li><li>${link("Newer")}</li></ul></div>
    <main><h1>Title<a class="headerlink" href="#t">¶</a></h1><p>${words(50)}</p><button>Copy</button><aside>${menu}</aside></main>
    <div class="related"><ul><li>${link("More")}</li></ul></div><aside>${menu}</aside><footer>© 2026 Imprint</footer>
    <script>alert(1)</script><style>p{}</style><svg><text>drawn</text></svg>`);
  expect(content).toBe(`# Title\n\n${words(50)}`);
});

test("links beside each other are words beside each other", () => {
  expect(read(`<p>${link("one")}${link("two")}<a href="/x">loop</a><a href="/y">pcal</a></p>`)).toBe(
    "one two loop pcal",
  );
});

test("names are kept as they are written, and text is not taken for Markdown", () => {
  expect(read("<p>Set MAX_FILE_SIZE in [server] &amp; call run_all@2.0</p>")).toBe(
    "Set MAX_FILE_SIZE in [server] & call run_all@2.0",
  );
  expect(read("<p># no heading</p><p>1. no list</p><p>&lt;script&gt;</p>")).toBe(
    "\\# no heading\n\n1\\. no list\n\n\\<script>",
  );
});

test("formulas, raised numbers and ruby are read in their line", () => {
  expect(
    read(
      "<p>so <math><mfrac><mi>a</mi><mrow><mi>b</mi><mo>+</mo><mn>1</mn></mrow></mfrac><mo>=</mo><msup><mi>x</mi><mn>2</mn></msup></math> holds</p>",
    ),
  ).toContain("a/(b+1)=x^2");
  expect(
    read(
      '<p><math><semantics><mi>x</mi><annotation encoding="application/x-tex">\\frac{a}{b}</annotation></semantics></math></p>',
    ),
  ).toContain("frac{a}{b}");
  expect(read("<p>10<sup>9</sup> m<sup>2</sup> and H<sub>2</sub>O, the 1<sup>st</sup></p>")).toBe(
    "10⁹ m² and H2O, the 1st",
  );
  expect(read("<p><ruby>漢字<rp>(</rp><rt>かんじ</rt><rp>)</rp></ruby>を読む</p>")).toBe("漢字(かんじ)を読む");
});

test("text from right to left, entities and broken markup are read", () => {
  expect(read('<p dir="rtl">שלום <bdi>עולם</bdi></p><p>caf&eacute; &#x4e2d;&mdash;&nbsp;x')).toBe(
    "שלום עולם\n\ncafé 中—\u00a0x",
  );
  expect(read("<p>one<p>two<div>three</p></i>four")).toMatch(/one\n\ntwo\n\nthree/);
});

test("a page of XHTML is read with its empty elements, prefixes, CDATA and entities", () => {
  const page = readHtml(
    `<?xml version="1.0"?><h:html xmlns:h="http://www.w3.org/1999/xhtml" xml:lang="de"><h:head><h:title>Käfig &amp; Co</h:title><h:script src="x"/></h:head><h:body><h:div id="empty"/><h:p>Der K&auml;fig &lt;ist&gt; leer.</h:p><h:p><![CDATA[a < b]]></h:p><h:a href="next">weiter</h:a></h:body></h:html>`,
    address,
  );
  expect([page.title, page.content, page.links]).toEqual([
    "Käfig & Co",
    "Der Käfig \\<ist> leer.\n\na < b\n\nweiter",
    [`${address}next`],
  ]);
});

test("links are found by the page's base, in frames too; a refresh and the page's own address are told", () => {
  const page = readHtml(
    `<html><head><base href="https://example.com/v2/"><meta http-equiv="Refresh" content="0; URL='intro'"><link rel="canonical" href="own"></head><body><a href="a">x</a><a href="b" rel="nofollow">y</a><a href="mailto:x@y.z">z</a><iframe src="/frame"></iframe></body></html>`,
    address,
  );
  expect(page).toMatchObject({
    links: ["https://example.com/v2/a", "https://example.com/frame"],
    refresh: "https://example.com/v2/intro",
    canonical: "https://example.com/v2/own",
  });
  expect(readHtml('<frameset><frame src="/menu"><frame src="/text"></frameset>', address).links).toHaveLength(2);
  for (const [content, to] of [
    ["0;url=/docs/v2/intro", "https://example.com/docs/v2/intro"],
    ["0; /x", "https://example.com/x"],
    ["5", undefined],
    ["600; url=/again", undefined],
  ]) {
    expect([content, readHtml(`<meta http-equiv=refresh content="${content}">x`, address).refresh]).toEqual([
      content,
      to,
    ]);
  }
});

test("empty, endless and nonsensical pages are read without a fault", () => {
  for (const html of [
    "",
    " ",
    "<",
    "<table>",
    "<table><tr></tr></table>",
    "</p>",
    "<!-- x -->",
    "<html></html>",
    "<pre></pre>",
    "<ruby><rt>",
    "<math></math>",
    "<title>",
  ]) {
    expect([html, typeof readHtml(html, address).content]).toEqual([html, "string"]);
  }
  const line = `${"word ".repeat(200_000)}end`;
  expect(read(`<p>${line}</p>`)).toBe(line);
});
