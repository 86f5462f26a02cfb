import { defineErrorFamily } from '../errors.ts';

export const serverErrors = defineErrorFamily({
  LISTEN_REFUSED: {
    category: 'usage',
    status: 500,
    retryable: false,
    message: { en: 'Cannot listen on {address}: {reason}', zh: '无法监听 {address}：{reason}' },
    hint: { en: 'Choose another port, or stop what uses it.', zh: '请更换端口，或停止占用该端口的程序。' },
  },
});
