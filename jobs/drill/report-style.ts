/** The page's style: no fonts, images or scripts from anywhere; follows the reader's light or dark setting; prints on paper. */
export const reportStyle = `
:root { color-scheme: light dark; --paper: #fff; --page: #f3f4f2; --ink: #1c2321; --soft: #5b6663; --line: #dfe3e0; --passed: #14643f; --failed: #a3261b; --could-not-run: #6b5312; --on: #fff; --tint: 8%; }
@media (prefers-color-scheme: dark) { :root { --paper: #191e1d; --page: #101413; --ink: #e6ebe9; --soft: #9aa7a3; --line: #2e3634; --passed: #6fcf9f; --failed: #ff8f80; --could-not-run: #e3c369; --on: #101413; --tint: 12%; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 2.5rem 1rem; background: var(--page); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif; }
main { max-width: 60rem; margin: 0 auto; background: var(--paper); border: 1px solid var(--line); border-radius: 14px; overflow: hidden; }
header, section { padding: 1.75rem 2.25rem; }
section { border-top: 1px solid var(--line); }
.passed { --accent: var(--passed); }
.failed { --accent: var(--failed); }
.could-not-run { --accent: var(--could-not-run); }
header { background: color-mix(in srgb, var(--accent) var(--tint), var(--paper)); border-top: 6px solid var(--accent); }
.kind { margin: 0; color: var(--soft); font-size: .9rem; overflow-wrap: anywhere; }
.badge { display: inline-block; margin: 1rem 0 .6rem; padding: .2rem .8rem; border-radius: 99px; background: var(--accent); color: var(--on); font-weight: 650; font-size: .9rem; letter-spacing: .02em; }
.badge::first-letter { text-transform: uppercase; }
h1 { margin: 0 0 .6rem; font-size: 1.75rem; line-height: 1.25; letter-spacing: -.012em; text-wrap: balance; }
header p:last-child { margin-bottom: 0; }
h2 { margin: 0 0 1rem; font-size: 1.05rem; }
p { margin: 0 0 .75rem; max-width: 46rem; text-wrap: pretty; }
p:last-child { margin-bottom: 0; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: 0; padding: 0; }
.figure { padding: 1.4rem 2.25rem; box-shadow: -1px -1px 0 var(--line); }
.figure b { display: block; font-size: 1.65rem; font-weight: 620; line-height: 1.25; letter-spacing: -.015em; font-variant-numeric: tabular-nums; white-space: nowrap; }
.label, .note { color: var(--soft); font-size: .875rem; }
.note { display: block; font-weight: 400; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: .94rem; }
th, td { padding: .6rem 1.1rem .6rem 0; border-top: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { border-top: 0; padding-top: 0; color: var(--soft); font-weight: 500; font-size: .875rem; white-space: nowrap; }
tbody th { font-weight: 600; }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
th:last-child, td:last-child { padding-right: 0; }
.bad { color: var(--failed); font-weight: 650; }
.good { color: var(--passed); font-weight: 650; }
.value { overflow-wrap: anywhere; min-width: 8rem; }
th .value { display: block; min-width: 12rem; }
code, .value { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: .86em; }
code { overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .4rem 1.75rem; margin: 0; font-size: .94rem; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
ul { margin: 0; padding-left: 1.2rem; }
footer { max-width: 60rem; margin: 1.1rem auto 0; padding: 0 2.25rem; color: var(--soft); font-size: .84rem; }
footer p { max-width: none; }
@media (max-width: 40rem) { body { padding: 0; } main { border: 0; border-radius: 0; } header, section { padding: 1.25rem; } .figures { padding: 0; } .figure { padding: 1.1rem 1.25rem; } footer { padding: 0 1.25rem 1.25rem; } dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .6rem; } }
@media print { body { padding: 0; background: none; font-size: 11pt; } main { border: 0; border-radius: 0; } header { print-color-adjust: exact; } tr, .figure, dl > * { break-inside: avoid; } h2 { break-after: avoid; } }
`;
