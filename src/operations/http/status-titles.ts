import type { Text } from '../text.ts';

const titles: Readonly<Record<number, Text>> = {
  400: { en: 'Malformed request', zh: '请求格式错误' },
  401: { en: 'Sign-in needed', zh: '需要登录' },
  403: { en: 'Access denied', zh: '拒绝访问' },
  404: { en: 'Not found', zh: '未找到' },
  405: { en: 'Method not allowed', zh: '不允许的方法' },
  408: { en: 'Request timed out', zh: '请求超时' },
  409: { en: 'Conflict', zh: '冲突' },
  413: { en: 'Too large', zh: '内容过大' },
  415: { en: 'Type not supported', zh: '不支持的类型' },
  422: { en: 'Not valid', zh: '内容无效' },
  429: { en: 'Too many requests', zh: '请求过多' },
  431: { en: 'Headers too large', zh: '请求头过大' },
  500: { en: 'Internal error', zh: '服务器内部错误' },
  501: { en: 'Method not known', zh: '未知的方法' },
  502: { en: 'Upstream failed', zh: '上游服务出错' },
  503: { en: 'Not available', zh: '服务不可用' },
  507: { en: 'No space left', zh: '存储空间不足' },
};

const general: Text = { en: 'The request failed', zh: '请求失败' };

/** A status in words: the heading of its page, the `title` of its problem document. */
export function statusTitle(status: number): Text {
  return titles[status] ?? general;
}
