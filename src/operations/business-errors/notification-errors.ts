import { defineErrorFamily } from '../errors.ts';

/** Errors of messages to tenants and staff. `NOTIFICATION_ERROR` stands for every failure of the area that nobody foresaw. */
export const notificationErrors = defineErrorFamily({
  NOTIFICATION_ERROR: {
    category: 'business_logic',
    status: 500,
    retryable: false,
    message: { en: 'The message could not be sent', zh: '通知发送失败' },
    hint: { en: 'Try again later. If it stays, tell the operators the error’s id.', zh: '请稍后重试。如果问题依旧，请把错误编号告诉运维人员。' },
  },
  NOTIFICATION_CHANNEL_DOWN: {
    category: 'dependency',
    status: 503,
    retryable: true,
    message: { en: 'The channel {channel} does not take messages at the moment', zh: '通知渠道 {channel} 暂时不可用' },
    hint: { en: 'The message is kept and sent later; use another channel if it is urgent.', zh: '消息已保留，稍后发送；如果紧急，请使用其他渠道。' },
  },
  NOTIFICATION_TEMPLATE_MISSING: {
    category: 'not_found',
    status: 404,
    retryable: false,
    message: { en: 'There is no message template {template}', zh: '通知模板 {template} 不存在' },
    hint: { en: 'Choose one of the templates in the settings.', zh: '请在设置中选择已有的模板。' },
  },
  RECIPIENT_UNREACHABLE: {
    category: 'business_logic',
    status: 422,
    retryable: false,
    message: { en: '{recipient} has no address for the channel {channel}', zh: '{recipient} 没有渠道 {channel} 的联系方式' },
    hint: { en: 'Add the address to the contact, or choose another channel.', zh: '请补充联系方式，或选择其他渠道。' },
  },
});
