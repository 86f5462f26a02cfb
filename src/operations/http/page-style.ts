/** The style of all pages: errors, their catalogue, and those of a service that wants no other. */
export const pageStyle = `
:root { color-scheme: light dark; --ink: #1c2530; --soft: #5b6876; --paper: #f6f7f9; --card: #fff; --line: #dfe4ea; --ours: #b3261e; --theirs: #1f5fa8; --good: #1a7446; --fair: #855800; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6eaef; --soft: #9aa7b5; --paper: #12171d; --card: #1a2129; --line: #2d3742; --ours: #ff8a80; --theirs: #7db4f0; --good: #6fd39b; --fair: #f0c060; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.6 system-ui, -apple-system, "Segoe UI", "Noto Sans", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; }
a { color: var(--theirs); }
code { font: 0.875em/1.5 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
main { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 64rem; }
h1 { margin: 0 0 1rem; font-size: 1.75rem; line-height: 1.25; }
main.error { margin-top: 12vh; max-width: 38rem; padding: 2rem; background: var(--card); border: 1px solid var(--line); border-top: 4px solid var(--theirs); border-radius: 0.5rem; }
main.error > :last-child { margin-bottom: 0; }
main.ours { border-top-color: var(--ours); }
.status { margin: 0 0 0.5rem; font-size: 3.5rem; font-weight: 700; line-height: 1; letter-spacing: -0.02em; color: var(--theirs); }
.ours .status { color: var(--ours); }
.message { font-size: 1.125rem; }
.hint, .lead, caption { color: var(--soft); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.25rem 1rem; margin: 1.5rem 0; padding-top: 1rem; border-top: 1px solid var(--line); font-size: 0.9375rem; }
dt { color: var(--soft); }
dd { margin: 0; }
section { margin-top: 2.5rem; overflow-x: auto; }
h2 { font-size: 1.125rem; margin: 0 0 0.5rem; }
table { border-collapse: collapse; width: 100%; background: var(--card); font-size: 0.9375rem; }
th, td { padding: 0.5rem 0.75rem; border: 1px solid var(--line); text-align: left; vertical-align: top; }
th { color: var(--soft); font-weight: 600; }
header { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 0 2rem; border-bottom: 1px solid var(--line); }
label { color: var(--soft); }
input { width: 100%; padding: 0.5rem 0.75rem; border: 1px solid var(--soft); border-radius: 0.375rem; background: var(--paper); color: var(--ink); font: inherit; }
button { padding: 0.375rem 1rem; border: 1px solid var(--theirs); border-radius: 0.375rem; background: var(--theirs); color: var(--card); font: inherit; cursor: pointer; }
header button { margin-left: 0.75rem; background: none; color: var(--theirs); }
.state::before { content: "\\25cf"; margin-right: 0.5em; }
.state { color: var(--soft); }
.state.ok, .state.healthy { color: var(--good); }
.state.warning, .state.degraded { color: var(--fair); }
.state.error, .state.unhealthy { color: var(--ours); }
tr:target { outline: 2px solid var(--theirs); outline-offset: -2px; }
`;
