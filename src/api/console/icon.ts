import type { ServiceMiddleware } from '../../operations/http/service.ts';

/** Where browsers look by themselves, with every page of a site. */
export const iconPath = '/favicon.ico';

const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<rect width="32" height="32" rx="7" fill="#1f5fa8"/>
<path d="M10 7v18M22 7v18M10 16h12" fill="none" stroke="#fff" stroke-width="4" stroke-linecap="round"/>
</svg>
`;

export function iconHandler(): ServiceMiddleware {
  return (ctx) => {
    ctx.type = 'image/svg+xml';
    ctx.set('Cache-Control', 'public, max-age=86400');
    ctx.body = icon;
  };
}
